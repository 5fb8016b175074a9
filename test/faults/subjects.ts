// The commands that write, each with a store that gives it all of its work to do, and what must come of it.
import { spawnSync } from 'node:child_process'
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'

import type { CompositionHash } from '../../src/core/composition/hash.js'
import { binary } from '../support/build.js'
import { environment, withApp } from '../support/cli.js'
import { additionEvent, LogWriter, reductionFile } from '../support/log-writer.js'
import { fixturesFolder, writeLog } from '../support/stores.js'
import { readFiles, writeFiles } from '../support/temporary.js'

/** A command and the store that it works on, in a folder `store` of the folder that it is given. */
export interface Subject {
    readonly name: string
    /** Writes `store`, and what else the command needs, into an empty folder. */
    make(folder: string): void
    args(folder: string): readonly string[]
    /** The lines of records that must stand somewhere, whatever happens. */
    readonly lines: readonly string[]
    readonly head: CompositionHash
    readonly state: string
    /** Names in `composition/` and `reduction/`, with those folders: nothing else may ever be there. */
    readonly names: ReadonlySet<string>
    /** Whether everything is as the command says when it is done. */
    isFinished(folder: string): boolean
    /** The store is damaged on purpose, and has error findings until the command is done. */
    readonly isDamaged?: boolean
    /** Nothing in the store itself may change. */
    readonly isReadOnly?: boolean
    /** Where, besides the store, a sound process store stands in the end; and its head. */
    readonly other?: { readonly folder: string; readonly head: CompositionHash }
}

const log = new LogWriter()
for (let i = 1; i <= 12; i++) log.add({ events: [additionEvent(i)] })
const { lines, hashes } = log
const head = log.head
const state = '78'
const logNames = ['a.jsonl', 'b/x.jsonl', 'b/y.jsonl', 'c.jsonl']

/** The nth record of the log that all subjects have. */
function hash(n: number): CompositionHash {
    return hashes[n - 1] as CompositionHash
}

function reductions(...positions: readonly number[]): Record<string, Buffer> {
    return Object.fromEntries(
        positions.map((n) => [`reduction/${hash(n)}`, reductionFile(hash(n), String((n * (n + 1)) / 2))]),
    )
}

function writeInOrder(store: string, from = 1): void {
    const files = [lines.slice(from - 1, 3), lines.slice(3, 5), lines.slice(5, 7), lines.slice(7)]
    writeLog(store, Object.fromEntries(logNames.map((name, i) => [name, files[i] as string[]])))
}

function namesOf(positions: readonly number[]): ReadonlySet<string> {
    return new Set([
        ...logNames.map((name) => `composition/${name}`),
        ...positions.map((n) => `reduction/${hash(n)}`),
    ])
}

function namesIn(folder: string): string {
    return Object.keys(readFiles(folder)).join()
}

/** The flags for the fixture app that adds up its events. */
const appFlags = withApp()

// Compiled before anything is counted: from then on it comes from the cache.
const warmUp = [
    binary,
    'replay',
    join(fixturesFolder, 'stores', 'kalmit-2018-11', 'process-store'),
    ...appFlags,
]
const { status, stderr } = spawnSync(process.execPath, warmUp, { env: environment(), encoding: 'utf8' })
if (status !== 0) throw new Error(`The app cannot be compiled: ${stderr}`)

const common = { lines, head, state }

const reduce: Subject = {
    ...common,
    name: 'reduce --every 3 --replace',
    make: (folder) => {
        writeInOrder(join(folder, 'store'))
        const wrong = { [`reduction/${hash(6)}`]: reductionFile(hash(6), '0') }
        writeFiles(join(folder, 'store'), { ...reductions(9), ...wrong })
    },
    args: (folder) => ['reduce', join(folder, 'store'), '--every', '3', '--replace', ...appFlags],
    names: namesOf([3, 6, 9, 12]),
    isFinished: (folder) => {
        const files = readFiles(join(folder, 'store', 'reduction'))
        return [3, 6, 9, 12].every((n) => files[hash(n)]?.includes(`"${(n * (n + 1)) / 2}"`))
    },
}

function isCut(folder: string): boolean {
    const store = join(folder, 'store')
    const files = readFiles(join(store, 'composition'))
    return (
        namesIn(join(store, 'composition')) === 'c.jsonl' &&
        files['c.jsonl']?.toString().startsWith(lines[8] as string) === true &&
        namesIn(join(store, 'reduction')) === hash(9)
    )
}

const truncate: Subject = {
    ...common,
    name: 'truncate',
    make: (folder) => {
        writeInOrder(join(folder, 'store'))
        writeFiles(join(folder, 'store'), reductions(2, 4, 9))
    },
    args: (folder) => ['truncate', join(folder, 'store'), '--yes', ...appFlags],
    names: namesOf([2, 4, 9]),
    // Without an archive, what is cut off is gone: that is the command.
    lines: lines.slice(8),
    isFinished: isCut,
}

/** A record a file, as hosts leave them: the folders of whole days go at once, the files of the last one each by itself. */
const small = new LogWriter()
for (let i = 1; i <= 100; i++) small.add({ events: [additionEvent(i)] })
const smallFiles = small.lines.map((line, i) => {
    const day = `2019-04-${String(10 + Math.floor(i / 20))}`
    const hour = String(i % 20).padStart(2, '0')
    return { name: `${day}/${day}T${hour}.composition.jsonl`, line, hash: small.hashes[i] as CompositionHash }
})
const smallReduced = [20, 40, 60, 80, 93]

const truncateSmallFiles: Subject = {
    name: 'truncate, of a hundred small files',
    make: (folder) => {
        const store = join(folder, 'store')
        writeLog(store, Object.fromEntries(smallFiles.map(({ name, line }) => [name, [line]])))
        for (const n of smallReduced) {
            const { hash: reduced } = smallFiles[n - 1] as (typeof smallFiles)[number]
            const file = reductionFile(reduced, String((n * (n + 1)) / 2))
            writeFiles(store, { [`reduction/${reduced}`]: file })
        }
    },
    args: (folder) => truncate.args(folder),
    lines: small.lines.slice(92),
    head: small.head,
    state: '5050',
    names: new Set([
        ...smallFiles.map(({ name }) => `composition/${name}`),
        ...smallReduced.map((n) => `reduction/${small.hashes[n - 1] ?? ''}`),
    ]),
    isFinished: (folder) =>
        namesIn(join(folder, 'store', 'composition')) ===
            smallFiles
                .slice(92)
                .map(({ name }) => name)
                .join() && namesIn(join(folder, 'store', 'reduction')) === small.hashes[92],
}

/** What an archive calls the beginning of the file that is cut. */
const archivedBeginning = 'composition/c-archived.jsonl'
const archiveFlags = (folder: string) => ['--archive', join(folder, 'archive')]

const truncateToArchive: Subject = {
    ...truncate,
    name: 'truncate --archive',
    args: (folder) => [...truncate.args(folder), ...archiveFlags(folder)],
    lines,
    other: { folder: 'archive', head: hash(8) },
    names: new Set([...truncate.names, archivedBeginning]),
}

const truncateToOldArchive: Subject = {
    ...truncateToArchive,
    name: 'truncate --archive, going on in one',
    make: (folder) => {
        writeInOrder(join(folder, 'store'), 3)
        writeFiles(join(folder, 'store'), reductions(3, 4, 9))
        writeLog(join(folder, 'archive'), { 'a.jsonl': lines.slice(0, 2) })
        writeFiles(join(folder, 'archive'), reductions(2))
    },
    names: new Set([...namesOf([2, 3, 4, 9]), archivedBeginning]),
}

function isOrdered(store: string): boolean {
    const found = Object.values(readFiles(join(store, 'composition'))).map(String)
    return found.join('') === `${lines.join('\n')}\n`
}

/** Every file holds records of others; all but the last line, which a host takes for the head. */
function writeShuffled(store: string): void {
    const order = [10, 3, 0, 8, 5, 1, 7, 2, 9, 4, 6, 11].map((i) => lines[i] as string)
    const files = [order.slice(0, 3), order.slice(3, 5), order.slice(5, 7), order.slice(7)]
    writeLog(store, Object.fromEntries(logNames.map((name, i) => [name, files[i] as string[]])))
    writeFiles(store, reductions(4, 9))
}

const reorderInPlace: Subject = {
    ...common,
    name: 'reorder --in-place',
    make: (folder) => writeShuffled(join(folder, 'store')),
    args: (folder) => ['reorder', join(folder, 'store'), '--in-place'],
    names: namesOf([4, 9]),
    isFinished: (folder) => isOrdered(join(folder, 'store')),
}

const reorderToFolder: Subject = {
    ...reorderInPlace,
    name: 'reorder --output',
    args: (folder) => ['reorder', join(folder, 'store'), '--output', join(folder, 'ordered')],
    isFinished: (folder) =>
        isOrdered(join(folder, 'ordered')) &&
        Object.keys(readFiles(join(folder, 'ordered', 'reduction'))).length === 2,
    isReadOnly: true,
    other: { folder: 'ordered', head },
}

const reorderSmallFiles: Subject = {
    ...truncateSmallFiles,
    name: 'reorder --output, of a hundred small files',
    args: (folder) => reorderToFolder.args(folder),
    lines: small.lines,
    isFinished: (folder) =>
        Object.values(readFiles(join(folder, 'ordered', 'composition')))
            .map(String)
            .join('') === `${small.lines.join('\n')}\n` &&
        namesIn(join(folder, 'ordered', 'reduction')).split(',').length === smallReduced.length,
    isReadOnly: true,
    other: { folder: 'ordered', head: small.head },
}

const stray = new LogWriter('2019-04', hash(5))
stray.add({ events: [additionEvent(100)] })

const reorderDamaged: Subject = {
    ...reorderInPlace,
    name: 'reorder --in-place --head, of a log with other lines',
    make: (folder) => {
        const store = join(folder, 'store')
        writeShuffled(store)
        writeFiles(store, {
            'composition/b/strays.jsonl': `garbage\n${stray.lines.join('\n')}\n${lines[3] as string}\n`,
            [`reduction/${stray.head}`]: reductionFile(stray.head, '115'),
        })
    },
    args: (folder) => [...reorderInPlace.args(folder), '--head', head],
    lines: [...lines, ...stray.lines, 'garbage'],
    names: new Set([...reorderInPlace.names, 'composition/b/strays.jsonl', `reduction/${stray.head}`]),
    isFinished: (folder) =>
        isOrdered(join(folder, 'store')) &&
        namesIn(join(folder, 'store', 'outside-chain')).includes(`reduction/${stray.head}.`),
    isDamaged: true,
}

const torn = (lines[11] as string).slice(0, 40)

function writeTorn(store: string): void {
    writeInOrder(store)
    appendFileSync(join(store, 'composition', 'c.jsonl'), torn)
    writeFiles(store, reductions(4, 9))
}

const repairTornTail: Subject = {
    ...common,
    name: 'repair, of a torn tail',
    make: (folder) => writeTorn(join(folder, 'store')),
    args: (folder) => ['repair', join(folder, 'store'), '--yes'],
    lines: [...lines, torn],
    names: namesOf([4, 9]),
    isFinished: (folder) => isOrdered(join(folder, 'store')),
    isDamaged: true,
}

const repairByQuarantine: Subject = {
    ...repairTornTail,
    name: 'repair --quarantine --head',
    make: (folder) => {
        const store = join(folder, 'store')
        writeTorn(store)
        writeFiles(store, {
            'composition/b/strays.jsonl': `garbage\n${stray.lines.join('\n')}\n${lines[3] as string}\n`,
            'composition/b/x.jsonl': `garbage\n${lines[3] as string}\nmore garbage\n${lines[4] as string}\n`,
            [`reduction/${stray.head}`]: reductionFile(stray.head, '115'),
        })
    },
    args: (folder) => [...repairTornTail.args(folder), '--quarantine', '--head', head],
    lines: [...lines, ...stray.lines, torn, 'garbage', 'more garbage'],
    names: new Set([...repairTornTail.names, 'composition/b/strays.jsonl', `reduction/${stray.head}`]),
    isFinished: (folder) =>
        isOrdered(join(folder, 'store')) &&
        namesIn(join(folder, 'store', 'quarantine')).includes(`reduction/${stray.head}`),
}

/** Those that need no app: another user may not read the one that was compiled for the tests. */
export function withoutApp(subject: Subject): boolean {
    return !subject.args('').includes('--app')
}

/** A folder for one run of a command, with the store that it works on. */
export function makeWork(folder: string, subject: Subject): string {
    const work = join(folder, 'work')
    subject.make(work)
    return work
}

export const subjects: readonly Subject[] = [
    reduce,
    truncate,
    truncateSmallFiles,
    truncateToArchive,
    truncateToOldArchive,
    reorderInPlace,
    reorderToFolder,
    reorderSmallFiles,
    reorderDamaged,
    repairTornTail,
    repairByQuarantine,
]

export function subjectNamed(name: string): Subject {
    const found = subjects.find((subject) => subject.name === name)
    if (found === undefined) throw new Error(`There is no subject ${name}.`)
    return found
}
