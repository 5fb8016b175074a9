// Whoever follows what complog advises, to the letter, loses no record that could be read before.
import assert from 'node:assert/strict'
import { cpSync, lstatSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, test } from 'node:test'

import { isProblem, parseRecord } from '../../src/core/composition/record.js'
import { ComplogError } from '../../src/core/errors.js'
import { PersistentProcess } from '../../src/core/process/persistent-process.js'
import { restore } from '../../src/core/restore/restore.js'
import { reduce } from '../../src/core/rewrite/reduce.js'
import { planReorder } from '../../src/core/rewrite/reorder/plan-reorder.js'
import { planRepair } from '../../src/core/rewrite/repair/plan-repair.js'
import { planTruncate } from '../../src/core/rewrite/truncate/plan-truncate.js'
import { openProcessStore } from '../../src/core/store/process-store.js'
import { appPath, withApp } from '../support/cli.js'
import { expectedIn, findingFolders, findingsFolder } from '../support/finding-stores/index.js'
import { inProcessCounter } from '../support/in-process-app.js'
import { linesOf } from '../support/stores.js'
import { filePaths, temporaryFolder } from '../support/temporary.js'
import { thinned } from '../support/thinned.js'
import { warmComplog } from '../support/warm.js'

/** What each command needs beside what the advice says: nobody can be asked here, and the app is the one that wrote it. */
const needed: Readonly<Record<string, readonly string[]>> = {
    'verify-chain': [],
    repair: ['--yes'],
    reorder: [],
    truncate: ['--yes'],
    replay: withApp(),
    reduce: withApp(),
    append: withApp(),
    compare: [...withApp(), '--with', appPath('counter')],
}

interface Told {
    readonly heads: readonly string[]
    /** Every text that helps. */
    readonly helps: readonly string[]
}

async function json(args: readonly string[]): Promise<Told> {
    const { stdout } = await warmComplog([...args, '--json'])
    const { result } = JSON.parse(stdout) as {
        readonly result?: {
            readonly heads?: readonly string[]
            readonly findings?: readonly { help: string }[]
        }
    }
    return { heads: result?.heads ?? [], helps: (result?.findings ?? []).map(({ help }) => help) }
}

/** As `append` and `host` do. */
async function opened(path: string): Promise<void> {
    const process = await PersistentProcess.open(path, inProcessCounter(), { command: 'append' })
    await process.close()
}

/** What commands do to a store, here in this process: their errors are the same. */
const works: readonly ((path: string) => Promise<unknown>)[] = [
    async (path) => restore(await openProcessStore(path), inProcessCounter()),
    async (path) => restore(await openProcessStore(path), inProcessCounter(), { fromEnd: true }),
    async (path) => planRepair(await openProcessStore(path)),
    async (path) => planRepair(await openProcessStore(path), { quarantine: true }),
    async (path) => planReorder(await openProcessStore(path), undefined),
    async (path) => planTruncate(await openProcessStore(path), undefined),
    async (path) => reduce(await openProcessStore(path), inProcessCounter()),
    opened,
]

async function hintsOf(work: (path: string) => Promise<unknown>, path: string): Promise<readonly string[]> {
    try {
        await work(path)
        return []
    } catch (error) {
        assert.ok(error instanceof ComplogError, String(error))
        return error.hint === undefined ? [] : [error.hint]
    }
}

/** The commands that a text names, with HASH for each head, and with what a flag in the text says beside them. */
function commandsIn(help: string, heads: readonly string[]): readonly (readonly string[])[] {
    const commands = [...help.matchAll(/`complog ([^`]+)`/g)].map(([, command]) => command!)
    // As the error says which record to choose: `--quarantine --head 0123456789AB (3 records)`.
    commands.push(
        ...[...help.matchAll(/--quarantine --head [0-9A-F]{12}/g)].map(([flags]) => `repair ${flags}`),
    )
    return commands
        .flatMap((command) =>
            command.includes('HASH') ? heads.map((head) => command.replace('HASH', head)) : [command],
        )
        .map((command) => command.split(' '))
}

/** Every record below a folder, wherever in it: log, archive, quarantine, outside the chain. */
function recordsBelow(folder: string): ReadonlySet<string> {
    const records = new Set<string>()
    for (const path of filePaths(folder)) {
        if (path.includes('reduction/') || !lstatSync(join(folder, path)).isFile()) continue
        for (const line of linesOf(readFileSync(join(folder, path)))) {
            const whole = line.subarray(0, 3).equals(Buffer.from('\uFEFF')) ? line.subarray(3) : line
            if (!isProblem(parseRecord(whole))) records.add(whole.toString('latin1'))
        }
    }
    return records
}

/** On so many stores each advice was followed. */
const timesFollowed = new Map<string, number>()

describe('no advice costs a record', () => {
    for (const [index, name] of findingFolders().entries()) {
        test(`${name}: each command that a finding or an error names leaves every record where it can be read`, async (t) => {
            const fixture = join(findingsFolder, name, 'process-store')
            const { flags, app } = expectedIn(name)
            const copy = () => {
                const folder = join(temporaryFolder(t), 'store')
                cpSync(fixture, folder, { recursive: true, verbatimSymlinks: true })
                return folder
            }
            const before = recordsBelow(fixture)
            const first = await json(['verify-chain', fixture, ...flags, ...(app ? withApp(app) : [])])
            const helps = new Set(first.helps)
            // Of the hints, most are those of other works and other stores again; those of who opens are not.
            const some = works.filter((work, nth) => work === opened || (nth + index) % thinned(3, 1) === 0)
            for (const work of some) for (const hint of await hintsOf(work, copy())) helps.add(hint)
            const commands = new Set(
                [...helps].flatMap((help) => commandsIn(help, first.heads)).map((c) => c.join('\n')),
            )
            for (const command of commands) {
                const [id, ...rest] = command.split('\n') as [string, ...string[]]
                // It serves until it is stopped; what it does to a store at its start, `append` does as well.
                if (id === 'host') continue
                assert.ok(id in needed, `${name} advises a command that this test does not know: ${command}`)
                const advice = command.replaceAll(/[0-9A-F]{12,}/g, 'HASH')
                const followed = timesFollowed.get(advice) ?? 0
                if (followed >= thinned(2, Infinity)) continue
                timesFollowed.set(advice, followed + 1)
                const folder = copy()
                const cwd = join(folder, '..')
                const { exitCode, stderr } = await warmComplog(
                    [id, basename(folder), ...rest, ...needed[id]!],
                    {
                        cwd,
                    },
                )
                assert.notEqual(exitCode, 1, stderr)
                assert.notEqual(
                    exitCode,
                    2,
                    `${command.replaceAll('\n', ' ')} cannot be run as it is told: ${stderr}`,
                )
                const now = recordsBelow(cwd)
                for (const record of before)
                    assert.ok(now.has(record), `${command.replaceAll('\n', ' ')} lost ${record}`)
            }
        })
    }

    test('each advice that these stores give was followed', () => {
        // Where there are fewer, the short run asks the wrong works.
        assert.ok(timesFollowed.size >= 14, [...timesFollowed.keys()].join('; ').replaceAll('\n', ' '))
    })
})
