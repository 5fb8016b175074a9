// Which generation of hosts wrote the store that a path names, where that is one after Kalmit's own.
import { closeSync, existsSync, openSync, readdirSync, readSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'

import { type Finding, finding } from '../composition/finding.js'
import { ComplogError } from '../errors.js'
import type { StoreGeneration } from '../generations/generation.js'
import { kalmit } from '../generations/kalmit.js'
import {
    foldersOfHosts,
    isLineOfLater,
    isOfGeneration,
    storeGenerations,
} from '../generations/store-generations.js'
import { stagingFolderName } from './durable/store-lock.js'
import { type StoreFile, statIfThere } from './listing/list-files.js'

/** A process store of 2020-05 or later. */
export interface LaterStore {
    /** The path as given. */
    readonly path: string
    /** The store's own folder. */
    readonly root: string
    /** The newest of the generations that have written there: its hosts see no other. */
    readonly generation: StoreGeneration
    /** What earlier ones have left beside it, the newest first. */
    readonly older: readonly StoreGeneration[]
}

/**
 * The store of 2020-05 or later that a path names, be it the store's folder or that of its log; undefined
 * where it names none. Looks at names, reads no contents.
 */
export function laterStoreAt(path: string): LaterStore | undefined {
    const root = rootOf(resolve(path))
    if (statIfThere(root)?.isDirectory() !== true) return undefined
    const has = (marker: string, withFile?: RegExp) => {
        const path = resolve(root, marker)
        const stats = statIfThere(path)
        // What stands in the place of a file is a finding, and no reason to take the store for another.
        if (!marker.endsWith('/')) return stats !== undefined
        return stats?.isDirectory() === true && (withFile === undefined || holdsFile(path, withFile))
    }
    const [generation, ...older] = storeGenerations.filter((each) => isOfGeneration(each, has))
    if (generation === undefined || generation === kalmit) return undefined
    return { path, root, generation, older }
}

/** Whether there is a file of such a name, in a folder or in one of those in it. */
function holdsFile(folder: string, name: RegExp): boolean {
    const below = (each: string) => namesIn(join(folder, each)).map((inIt) => `${each}/${inIt}`)
    return namesIn(folder).some((each) => name.test(each) || below(each).some((path) => name.test(path)))
}

/** None where it cannot be listed, as what is no folder. */
function namesIn(folder: string): readonly string[] {
    try {
        return readdirSync(folder)
    } catch {
        return []
    }
}

/** Where hosts of 2020-04 that migrate apps keep the store, beside the app and its source. */
export const migratingHostFolder = 'elm-app-process-store'

/** Where a repair keeps what it moves out of a log. */
export const quarantineFolder = 'quarantine'

/** Where a copy in order keeps lines outside the chain, and the reductions of such records. */
export const outsideFolder = 'outside-chain'

/** What lies in the folder of every store that has a log: one of them at least. */
export const signsOfLog: readonly string[] = ['composition', 'composition-log', 'composition-log-head-hash']

/**
 * The names of folders directly in one that hold a store, and are no part of a store themselves: what
 * `cp -r` makes of a backup that was to replace a store. None where the folder cannot be listed.
 */
export function storesWithin(folder: string): readonly string[] {
    return foreignNamesIn(folder).filter((name) => holdsLog(join(folder, name)))
}

function holdsLog(folder: string): boolean {
    return signsOfLog.some((sign) => existsSync(join(folder, sign)))
}

/** Whether there are values or reductions of hosts since 2020-05, and nothing of a log. */
function hasLostLog(root: string): boolean {
    if (existsSync(join(root, 'composition-log-head-hash'))) return false
    const isFilled = (name: string) => namesIn(join(root, name)).some((each) => each !== 'literal')
    const filled = foldersOfHosts.filter(isFilled)
    const isOfLog = (name: string) => name.startsWith('composition-log')
    return !filled.some(isOfLog) && filled.some((name) => name !== 'composition' && name !== 'reduction')
}

/** What neither hosts nor complog make in the folder of a store. None where it cannot be listed. */
function foreignNamesIn(folder: string): readonly string[] {
    const own = [stagingFolderName, quarantineFolder, outsideFolder]
    const known = [...foldersOfHosts, ...signsOfLog, migratingHostFolder, ...own]
    return namesIn(folder).filter((name) => !known.includes(name))
}

/** What hosts make in the folder of their logs: the newest one, and what is left of those of 2020-05-01. */
const besideLogs = /^(?:literal|composition|\d{4}-\d\d-\d\d)$/

/**
 * What lies in the folder of a store and is none of it.
 * @param mayGo whether its hosts remove all that they do not know when they truncate it
 */
export function* findingsBeside(root: string, mayGo = false): Generator<Finding> {
    for (const name of foreignNamesIn(root)) {
        if (holdsLog(join(root, name)))
            yield finding('store-within', `The folder ${name}/ in it holds a store of its own.`)
        else if (mayGo) yield unknownToHosts({ path: name, sizeBytes: 0 }, 'a part of a store')
    }
    if (!mayGo) return
    for (const name of namesIn(join(root, 'composition-log')))
        if (!besideLogs.test(name))
            yield unknownToHosts({ path: `composition-log/${name}`, sizeBytes: 0 }, 'a part of a store')
}

/** @param what whose name it would be @param help what helps, where it is more than to move it elsewhere */
export function unknownToHosts(
    { path, sizeBytes }: Pick<StoreFile, 'path' | 'sizeBytes'>,
    what: string,
    help = 'Move it elsewhere if you want to keep it.',
): Finding {
    return finding('foreign-file', `No host gives ${what} this name.`, {
        place: { file: path, offsetBytes: 0, sizeBytes },
        host: 'Does not look at it; where it truncates the store, it removes it.',
        help,
    })
}

/** The folder that holds `composition-log`, where the path is that or what lies directly in it. */
function rootOf(path: string): string {
    const folder = basename(path) === 'literal' ? dirname(path) : path
    return basename(folder) === 'composition-log' ? dirname(folder) : path
}

/**
 * Refuses a store of 2020-05 or later as opening it does, before anything else is asked for.
 * @throws ComplogError `generation-not-read`
 */
export function refuseLaterStore(path: string): void {
    const later = laterStoreAt(path)
    if (later !== undefined) throw laterNotRead(later)
}

/** Refuses what is for stores of Kalmit's own generations. */
export function laterNotRead({ path, root, generation, older }: LaterStore): ComplogError {
    // Only its values tell who wrote it, once they are read.
    if (hasLostLog(root)) {
        const message = `${path} has values or reductions of hosts since 2020-05, but no log: there is no composition-log-head-hash, and the folder composition-log/ is gone or a file, or nothing is in it.`
        const hint = 'Nothing was changed. `complog verify-chain` says what is lost, and what helps.'
        return new ComplogError('error-findings', message, { hint })
    }
    const { project, written } = generation
    const beside = older.includes(kalmit)
        ? ` The older log that lies beside is read where its folder is named: ${join(root, 'composition')}.`
        : ''
    return new ComplogError(
        'generation-not-read',
        `${path} is a store of ${project}, as hosts ${written} write it.`,
        {
            hint: `Nothing was changed. docs/format.md has the generations of stores, and what each command does on them.${beside}`,
        },
    )
}

/**
 * Refuses a log file of a later generation that stands alone, or in a folder of another name.
 * @throws ComplogError `generation-not-read`
 */
export function refuseLaterLogFile(file: string): void {
    const beginning = Buffer.alloc(64)
    const descriptor = openSync(file, 'r')
    let sizeBytes: number
    try {
        sizeBytes = readSync(descriptor, beginning, 0, beginning.length, 0)
    } finally {
        closeSync(descriptor)
    }
    if (!isLineOfLater(beginning.toString('latin1', 0, sizeBytes))) return
    throw new ComplogError(
        'generation-not-read',
        `${file} is a log of elm-fullstack, elm-time or Pine, as hosts since 2020-05 write it.`,
        { hint: 'Name the whole store: the folder that holds `composition-log/`.' },
    )
}
