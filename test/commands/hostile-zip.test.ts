// Zips that were made to do harm, given to the command as a person would: each is refused in words of its own, and
// nothing is written anywhere.
import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'

import { type RawEntry, rawZip } from '../core/elm-app/raw-zip.js'
import { appPath, withAppAt } from '../support/cli.js'
import { errorOf } from '../support/envelope.js'
import { listing } from '../support/listing.js'
import { copyStore, fixtureStores } from '../support/stores.js'
import { filePaths, temporaryFolder } from '../support/temporary.js'

const names = ['elm-app.map.json', 'elm-app/elm.json', 'elm-app/Counter.elm']
const app: readonly RawEntry[] = names.map((name) => ({
    name,
    content: readFileSync(join(appPath('counter'), name)),
}))
const evil = 'module Evil exposing (..)'

const hostile: Readonly<Record<string, readonly [entries: readonly RawEntry[], message: RegExp]>> = {
    'a path that leads upwards': [
        [{ name: '../evil.elm', content: evil }],
        /"\.\.\/evil\.elm" has a "\.\." part/,
    ],
    'a path that leads upwards from within': [
        [{ name: 'elm-app/x/../../../evil.elm', content: evil }],
        /has a "\.\." part/,
    ],
    'a path that leads upwards by backslashes': [
        [{ name: 'elm-app\\..\\..\\evil.elm', content: evil }],
        /has a "\.\." part/,
    ],
    'an absolute path': [[{ name: '/tmp/evil.elm', content: evil }], /is an absolute path/],
    'a path on a server': [[{ name: '\\\\server\\share\\evil.elm', content: evil }], /is an absolute path/],
    'a path with a drive letter': [[{ name: 'C:\\evil.elm', content: evil }], /has a drive letter/],
    'a path with a NUL': [[{ name: 'elm-app/evil\0.elm', content: evil }], /has a control character/],
    'a path with a stream': [[{ name: 'elm-app/Counter.elm:evil', content: evil }], /has a colon/],
    'a symlink': [
        [{ name: 'elm-app/Evil.elm', content: '/etc/passwd', mode: 0o120777 }],
        /"elm-app\/Evil\.elm" is a symlink/,
    ],
    'a symlink of a folder, and a file below it': [
        [
            { name: 'elm-app/x', content: '/tmp', mode: 0o120777 },
            { name: 'elm-app/x/evil.elm', content: evil },
        ],
        /"elm-app\/x" is a symlink/,
    ],
    'a device': [[{ name: 'elm-app/Evil.elm', mode: 0o020644 }], /is neither a file nor a folder/],
    'two files of one name': [[{ name: 'elm-app/Counter.elm', content: evil }], /two entries named/],
    'two names that differ by case': [
        [{ name: 'elm-app/counter.ELM', content: evil }],
        /"elm-app\/Counter\.elm" and "elm-app\/counter\.ELM" differ only by case/,
    ],
    'a file that is a folder too': [
        [{ name: 'elm-app/Counter.elm/evil.elm', content: evil }],
        /is a file and a folder at once/,
    ],
    'a size that is too small': [
        [{ name: 'elm-app/Evil.elm', content: Buffer.alloc(5000), claimedSize: 10 }],
        /is broken/,
    ],
    'a size that is too large': [
        [{ name: 'elm-app/Evil.elm', content: Buffer.alloc(5000), claimedSize: 0xffff_fff0 }],
        /is broken/,
    ],
    'a checksum that is wrong': [
        [{ name: 'elm-app/Evil.elm', content: evil, claimedCrc: 1 }],
        /the checksum of "elm-app\/Evil\.elm" does not match/,
    ],
    'a bomb of 1000 to 1': [
        [{ name: 'elm-app/Evil.elm', content: Buffer.alloc(40 * 1024 * 1024) }],
        /it unpacks to more than 200 times its size \(at "elm-app\/Evil\.elm"\)/,
    ],
    'an encrypted file': [
        [{ name: 'elm-app/Evil.elm', content: evil, flags: 0x801 }],
        /"elm-app\/Evil\.elm" is encrypted/,
    ],
}

/** A zip64 with as many entries, all of one content. */
function zipOfMany(count: number): Buffer {
    const one = rawZip([{ name: '00000000' }])
    const directoryAt = one.indexOf(Buffer.of(0x50, 0x4b, 1, 2))
    const entrySize = 46 + 8
    const entry = one.subarray(directoryAt, directoryAt + entrySize)
    const directory = Buffer.alloc(count * entrySize)
    for (let index = 0; index < count; index += 1) {
        entry.copy(directory, index * entrySize)
        directory.write(String(index).padStart(8, '0'), index * entrySize + 46, 'latin1')
    }
    const end64 = Buffer.alloc(56)
    end64.writeUInt32LE(0x06064b50, 0)
    end64.writeBigUInt64LE(44n, 4)
    end64.writeBigUInt64LE(BigInt(count), 24)
    end64.writeBigUInt64LE(BigInt(count), 32)
    end64.writeBigUInt64LE(BigInt(directory.length), 40)
    end64.writeBigUInt64LE(BigInt(directoryAt), 48)
    const locator = Buffer.alloc(20)
    locator.writeUInt32LE(0x07064b50, 0)
    locator.writeBigUInt64LE(BigInt(directoryAt + directory.length), 8)
    locator.writeUInt32LE(1, 16)
    const end = Buffer.alloc(22, 0xff)
    end.writeUInt32LE(0x06054b50, 0)
    end.writeUInt32LE(0, 4)
    end.writeUInt16LE(0, 20)
    return Buffer.concat([one.subarray(0, directoryAt), directory, end64, locator, end])
}

async function assertRefused(
    t: { after(end: () => void): void },
    zip: Buffer,
    message: RegExp,
): Promise<void> {
    const folder = temporaryFolder(t)
    const path = join(folder, 'elm-app.zip')
    writeFileSync(path, zip)
    const [store, temporary, cache] = ['store', 'tmp', 'cache'].map((name) => join(folder, name))
    for (const made of [temporary!, cache!]) mkdirSync(made)
    copyStore(fixtureStores[2]!.path, store!)
    const before = listing(store!)
    const env = { TMPDIR: temporary!, COMPLOG_CACHE_DIR: cache! }
    const error = await errorOf('replay', [store!, ...withAppAt(path)], { env, cwd: folder })
    assert.deepEqual([error.exitCode, error.code], [14, 'app-zip-rejected'], error.message)
    assert.match(error.message, message)
    assert.ok(error.message.includes(path))
    assert.match(error.hint ?? '', /Make the zip anew/)
    assert.deepEqual(listing(store!), before)
    assert.deepEqual([filePaths(temporary!), filePaths(cache!)], [[], []])
}

describe('a zip is refused with 14, and nothing is written, where it holds', () => {
    for (const [what, [entries, message]] of Object.entries(hostile)) {
        test(what, (t) => assertRefused(t, rawZip([...app, ...entries]), message))
    }
    test('a million entries', (t) => assertRefused(t, zipOfMany(1_000_000), /it has more than 10000 entries/))
    test('hostile entries in the elm-app.zip inside of a web-app-config.zip', (t) => {
        const inner = rawZip([...app, { name: '../evil.elm', content: evil }])
        return assertRefused(t, rawZip([{ name: 'elm-app.zip', content: inner, store: true }]), /"\.\." part/)
    })
    test('a bomb within a bomb', (t) => {
        const inner = rawZip([...app, { name: 'elm-app/Evil.elm', content: Buffer.alloc(40 * 1024 * 1024) }])
        const outer = rawZip([{ name: 'elm-app.zip', content: inner }])
        return assertRefused(t, outer, /elm-app\.zip is refused: it unpacks to more than 200 times its size/)
    })
    test('nothing more than its own beginning', (t) =>
        assertRefused(t, rawZip(app).subarray(0, 400), /is broken/))
})
