// Process stores: those that Kalmit wrote, with what is known of them, and those that a test makes.
import { cpSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import type { Chain, CompositionRecord } from '../../src/core/check/chain.js'
import { type CheckedStore, type CheckStoreOptions, checkStore } from '../../src/core/check/check-store.js'
import type { CompositionHash } from '../../src/core/composition/hash.js'
import type { Limits } from '../../src/core/limits.js'
import { openProcessStore } from '../../src/core/store/process-store.js'
import { packageFolder } from './build.js'
import { logFile } from './log-writer.js'
import { readFiles, writeFiles } from './temporary.js'

export const fixturesFolder = join(packageFolder, 'fixtures')

interface ExpectedOfStore {
    readonly files: number
    readonly records: number
    readonly events: number
    /** The head. */
    readonly tip: CompositionHash
    readonly state: string
    readonly reductions: Readonly<Record<CompositionHash, string>>
}

export interface FixtureStore {
    readonly name: string
    readonly path: string
    readonly app: 'counter' | 'string-builder'
    readonly expected: ExpectedOfStore
    /** One an event, in order. */
    readonly responses: readonly string[]
}

export const fixtureStores: readonly FixtureStore[] = [
    fixtureStore('kalmit-2018-11', 'counter'),
    fixtureStore('kalmit-2019-03', 'counter'),
    fixtureStore('kalmit-2019-04', 'counter'),
    fixtureStore('kalmit-2019-04-web', 'string-builder'),
]

function fixtureStore(name: string, app: FixtureStore['app']): FixtureStore {
    const folder = join(fixturesFolder, 'stores', name)
    const expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as ExpectedOfStore
    // A response may hold U+2028 and the like: only LF ends a line.
    const responses = readFileSync(join(folder, 'responses.txt'), 'utf8').split('\n')
    if (responses.at(-1) === '') responses.pop()
    return { name, path: join(folder, 'process-store'), app, expected, responses }
}

export function copyStore(from: string, to: string): void {
    cpSync(from, to, { recursive: true, verbatimSymlinks: true })
}

/** The lines of every log file, by path below `composition/`, without their line ends. */
export type LogLines = Record<string, Buffer[]>

export function readLog(store: string): LogLines {
    return Object.fromEntries(
        Object.entries(readFiles(join(store, 'composition'))).map(([path, bytes]) => [path, linesOf(bytes)]),
    )
}

/** Split at LF only, without a CR before it. */
export function linesOf(bytes: Buffer): Buffer[] {
    const lines: Buffer[] = []
    let start = 0
    while (start < bytes.length) {
        const feed = bytes.indexOf('\n', start)
        const end = feed < 0 ? bytes.length : feed
        lines.push(bytes.subarray(start, end > start && bytes[end - 1] === 0x0d ? end - 1 : end))
        start = end + 1
    }
    return lines
}

/** Replaces the log of a store. */
export function writeLog(
    store: string,
    log: Readonly<Record<string, readonly (string | Uint8Array)[]>>,
    lineEnd?: string,
): void {
    rmSync(join(store, 'composition'), { recursive: true, force: true })
    const files = Object.entries(log).map(([path, lines]) => [`composition/${path}`, logFile(lines, lineEnd)])
    writeFiles(store, Object.fromEntries(files) as Record<string, Buffer>)
}

/** A name as hosts gave it to files until April 2019. */
export const dailyFile = '2019-04-01.composition.jsonl'

/** Makes a process store of a log in one file. Returns its path. */
export function makeStore(
    path: string,
    lines: readonly (string | Uint8Array)[],
    reductions: Readonly<Record<string, Uint8Array | string>> = {},
): string {
    writeLog(path, { [dailyFile]: lines })
    for (const [name, content] of Object.entries(reductions))
        writeFiles(path, { [`reduction/${name}`]: content })
    return path
}

export async function openAndCheck(
    path: string,
    options: CheckStoreOptions = {},
    limits: Partial<Limits> = {},
): Promise<CheckedStore> {
    // So that the fast reader is asked, however small the log is.
    return checkStore(await openProcessStore(path, limits), { threads: 1, ...options })
}

/** A finding in one line: id, severity, file and line. */
export function summaries(checked: Pick<CheckedStore, 'findings'>): string[] {
    return checked.findings.list.map(({ id, severity, place }) =>
        place === undefined
            ? `${id} (${severity})`
            : `${id} (${severity}) ${place.file}${place.line === undefined ? '' : `:${place.line}`}`,
    )
}

/** All records of a chain, in its order. */
export async function recordsOf(chain: Chain): Promise<CompositionRecord[]> {
    const records: CompositionRecord[] = []
    for await (const batch of chain.read(1, chain.length)) records.push(...batch)
    return records
}
