// Whoever knows log files by their names alone says the same of the store as whoever has looked at each.
import assert from 'node:assert/strict'
import {
    appendFileSync,
    linkSync,
    mkdirSync,
    readFileSync,
    renameSync,
    symlinkSync,
    writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'

import { checkStore } from '../../../../src/core/check/check-store.js'
import type { Finding } from '../../../../src/core/composition/finding.js'
import { hasUnseen } from '../../../../src/core/store/listing/unseen-files.js'
import {
    openProcessStore,
    openStoreByNames,
    type ProcessStore,
} from '../../../../src/core/store/process-store.js'
import { mayComeOfCut, readUncut } from '../../../../src/core/store/read-uncut.js'
import { counterLog } from '../../../support/log-writer.js'
import { temporaryFolder } from '../../../support/temporary.js'

const isWindows = process.platform === 'win32'
const files = 60
const recordsPerFile = 3
const { lines } = counterLog(files * recordsPerFile)

/** Hourly files of three records each; gives the folder of the log. */
function smallFiles(t: TestContext): string {
    const composition = join(temporaryFolder(t), 'composition')
    for (let file = 0; file < files; file++) {
        const path = join(composition, nameOf(file))
        mkdirSync(dirname(path), { recursive: true })
        const own = lines.slice(file * recordsPerFile, (file + 1) * recordsPerFile)
        writeFileSync(path, own.map((line) => `${line}\n`).join(''))
    }
    return composition
}

function nameOf(file: number): string {
    const time = new Date(Date.UTC(2019, 3, 28, file)).toISOString()
    return `${time.slice(0, 10)}/${time.slice(0, 13)}.composition.jsonl`
}

async function agreed(composition: string): Promise<{ isByNames: boolean; findings: readonly string[] }> {
    const store = dirname(composition)
    const outline = async (opened: ProcessStore) => {
        const checked = await checkStore(opened, { threads: 1 })
        const { counts, findings, heads, longest, isOneChain } = checked
        const { length, head, oldestParent, inOrder } = longest
        const list = findings.list
        return {
            counts,
            heads,
            length,
            head,
            oldestParent,
            inOrder,
            isOneChain,
            list,
            hasUnseen: hasUnseen(opened.logFiles),
        }
    }
    const expected = { ...(await outline(await openProcessStore(store))), hasUnseen: false }
    const isSuspect = ({ list }: { list: readonly Finding[] }) => mayComeOfCut(list)
    const byNames = await readUncut(await openStoreByNames(store, {}, 2), outline, { isSuspect })
    assert.deepEqual({ ...byNames, hasUnseen: false }, expected)
    return { isByNames: byNames.hasUnseen, findings: byNames.list.map(({ id }) => id) }
}

describe('files known by their names alone', () => {
    test('of a sound log need no look', async (t) => {
        assert.deepEqual(await agreed(smallFiles(t)), { isByNames: true, findings: [] })
    })

    test('need none for a stray beside them, or a name of an hour that is still to come', async (t) => {
        const composition = smallFiles(t)
        writeFileSync(join(composition, '2019-04-28/notes.txt'), '')
        writeFileSync(join(composition, 'notes.txt'), '')
        mkdirSync(join(composition, '2999-01-01'))
        const later = '2999-01-01/2999-01-01T00.composition.jsonl'
        renameSync(join(composition, nameOf(files - 1)), join(composition, later))
        const findings = ['foreign-file', 'foreign-file', 'later-log-file']
        assert.deepEqual(await agreed(composition), { isByNames: true, findings })
    })

    const changes: Record<string, { change: (composition: string) => void; finds: readonly string[] }> = {
        'an empty file': {
            change: (log) => writeFileSync(join(log, '2019-04-28/x'), ''),
            finds: ['foreign-file'],
        },
        'a file with blank lines alone': {
            change: (log) => writeFileSync(join(log, nameOf(20)), '\n\n'),
            finds: ['blank-line'],
        },
        'a second name of a file': {
            change: (log) => linkSync(join(log, nameOf(20)), join(log, '2019-04-28/2019-04-28T99')),
            finds: ['second-path'],
        },
        'a link': {
            change: (log) => symlinkSync(join(log, nameOf(20)), join(log, '2019-04-28/link')),
            finds: ['second-path'],
        },
        'a file in the place of another': {
            change: (log) => {
                renameSync(join(log, nameOf(20)), join(log, 'aside'))
                renameSync(join(log, nameOf(21)), join(log, nameOf(20)))
                renameSync(join(log, 'aside'), join(log, nameOf(21)))
            },
            finds: [],
        },
        'a line without its end within the log': {
            change: (log) =>
                writeFileSync(join(log, nameOf(20)), readFileSync(join(log, nameOf(20))).subarray(0, -1)),
            finds: [],
        },
        'a torn line at the end of the log': {
            change: (log) => appendFileSync(join(log, nameOf(files - 1)), lines[0]!.slice(0, 50)),
            finds: ['torn-tail'],
        },
        'a file that is larger than any piece': {
            change: (log) => appendFileSync(join(log, nameOf(files - 1)), `${' '.repeat(1_300_000)}\n`),
            finds: ['malformed-record'],
        },
        'one larger than any piece, which no sample shows': {
            change: (log) => appendFileSync(join(log, nameOf(41)), `${' '.repeat(1_300_000)}\n`),
            finds: ['malformed-record'],
        },
    }
    for (const [what, { change, finds }] of Object.entries(changes)) {
        test(`say the same of ${what}`, { skip: isWindows }, async (t) => {
            const composition = smallFiles(t)
            change(composition)
            const { findings } = await agreed(composition)
            for (const id of finds) assert.ok(findings.includes(id), findings.join())
        })
    }
})
