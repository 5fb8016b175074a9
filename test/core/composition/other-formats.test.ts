import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'

import { otherFormatOf } from '../../../src/core/composition/other-formats.js'
import { parseRef } from '../../../src/core/composition/ref.js'
import { listing } from '../../support/listing.js'
import { counterLog, logFile } from '../../support/log-writer.js'
import { planAndRepair, putTogether } from '../../support/repaired.js'
import { openAndCheck } from '../../support/stores.js'
import { readFiles, temporaryFolder, writeFiles } from '../../support/temporary.js'

const { lines, hashes } = counterLog(9)
const log = logFile(lines.slice(0, 4))
const zip = Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(30, 0xe1)])

const files: readonly (readonly [name: RegExp, content: Buffer, help: RegExp])[] = [
    [/gzip/, gzipSync(log), /`gzip -d`/],
    [/zstd/, Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x24, 0x90]), /`zstd -d`/],
    [/zip archive/, zip, /`unzip`/],
    [/Git LFS/, Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:1\n'), /`git lfs pull`/],
    [/HTML/, Buffer.from('<!DOCTYPE html>\n<html><body>502</body></html>\n'), /copy the log again/],
    [/UTF-16/, Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(String(log), 'utf16le')]), /UTF-8/],
    [/UTF-16/, Buffer.from(String(log), 'utf16le'), /UTF-8/],
    [/array of JSON/, Buffer.from(`[${lines.slice(0, 4).join(',\n')}]\n`), /a line of its own/],
]

for (const [name, content, help] of files) {
    for (const [at, where] of ['older', 'newest'].entries()) {
        test(`${String(name)} in place of the ${where} file: named, with the way back, and given up for --head alone`, async (t) => {
            const folder = temporaryFolder(t)
            const rest = logFile(at === 0 ? lines.slice(4) : lines.slice(0, 4))
            writeFiles(folder, {
                [`composition/${at === 0 ? 'a' : 'z'}.jsonl`]: content,
                'composition/m.jsonl': rest,
            })
            const { findings } = await openAndCheck(folder)
            const named = findings.list.find(({ message }) => message.startsWith('This file is no log'))
            assert.match(named?.message ?? '', name)
            assert.match(named?.help ?? '', help)
            assert.doesNotMatch(findings.list.map((found) => found.help).join(), /truncate/)
            const before = listing(folder)
            await assert.rejects(planAndRepair(folder, { quarantine: true }), {
                code: 'broken-chain',
                message: name,
                hint: help,
            })
            assert.deepEqual(listing(folder), before)
            if (at === 0) return
            const original = readFiles(join(folder, 'composition'))
            await planAndRepair(folder, { quarantine: true, head: parseRef(hashes[3]!) })
            assert.deepEqual((await openAndCheck(folder, { expectHead: hashes[3]! })).findings.list, [])
            assert.deepEqual(putTogether(folder), original)
        })
    }
}

test('no record begins like another format, whichever of the first bits is changed', () => {
    for (let bit = 0; bit < 16; bit++) {
        const line = Buffer.from(lines[0]!)
        line[bit >> 3]! ^= 1 << (bit & 7)
        assert.equal(otherFormatOf(line), undefined)
    }
})

test('zeros that stand in a line are told as such, with what it means for what was never acknowledged', async (t) => {
    const folder = temporaryFolder(t)
    const bytes = logFile(lines)
    bytes.fill(0, 500, 700)
    writeFiles(folder, { 'composition/a.jsonl': bytes })
    const { findings } = await openAndCheck(folder)
    const [first] = findings.list
    assert.match(first!.message, /^200 zeros stand here, from byte 500 of the file on/)
    assert.match(first!.help, /behind the last answer was never acknowledged/)
    await assert.rejects(planAndRepair(folder), {
        hint: new RegExp(`--quarantine --head ${hashes[2]!.slice(0, 12)}`),
    })
    await planAndRepair(folder, { quarantine: true, head: parseRef(hashes[2]!.slice(0, 12)) })
    assert.deepEqual((await openAndCheck(folder, { expectHead: hashes[2]! })).findings.list, [])
})
