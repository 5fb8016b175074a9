// The app of a store of 2020-05 or later, as its sources were deployed: a value too, in which a blob is a
// file, and a list of pairs of a name and a value is a folder.
import { isUtf8 } from 'node:buffer'

import type { Ref } from '../../composition/ref.js'
import { ComplogError } from '../../errors.js'
import { appFileBounds, FileBudget, ForeignPaths } from '../../foreign-files.js'
import { folderDepthMax } from '../../limits.js'
import type { CheckedValues } from '../reading/check-values.js'
import type { ReadLater } from '../reading/read-later.js'
import type { ValueHash } from '../values/value.js'
import { rowAt } from './row-at.js'
import { type GetValue, textIn, valuesFrom } from './value-text.js'

/** The app that runs after a record. */
export interface DeployedApp {
    /** The value that holds its files. */
    readonly app: ValueHash
    /** The record that deployed it, or where the log has lost that, one of which the reduction names it. */
    readonly hash: ValueHash
    /** From 1, all records counted. */
    readonly position: number
    readonly kind: 'deployment' | 'reduction'
}

/**
 * The app that runs after a record.
 * @param at the record; default: the newest
 * @throws ComplogError `unknown-ref`, `ambiguous-ref`; `app-not-found` where nothing before it deploys one
 */
export function deployedApp(read: ReadLater, at: Ref = { kind: 'head' }): DeployedApp {
    const row = rowAt(read, at)
    const known = deployedAppIfKnown(read, row)
    if (known !== undefined) return known
    throw new ComplogError('app-not-found', `Nothing up to record #${row + 1} says which app ran there.`, {
        hint: 'The record that deployed it was lost, or truncated without a reduction.',
    })
}

/** The same after the record of a row; undefined where nothing before it deploys one. */
export function deployedAppIfKnown(
    { log, reductions, live }: ReadLater,
    from: number,
): DeployedApp | undefined {
    const { table } = log
    const reduced = new Map([...log.reduced].map(([hash, row]) => [row, reductions.byHash.get(hash)?.app]))
    const isDeployment = (row: number) => /^deploy-/.test(table.kindAt(row))
    const said = (row: number): DeployedApp | undefined => {
        const app = isDeployment(row) ? log.namedBy(row) : reduced.get(row)
        const kind = isDeployment(row) ? 'deployment' : 'reduction'
        return app && { app, hash: table.hashAt(row), position: row + 1, kind }
    }
    let nearest: DeployedApp | undefined
    for (let row = from; row >= 0; row = live.targets.get(row) ?? row - 1) {
        const found = said(row)
        if (found?.kind === 'deployment') return found
        nearest ??= found
    }
    if (nearest !== undefined) return nearest
    // Of a truncated log the oldest minute is there, and its reduction may stand behind its first record.
    for (let row = from + 1; row < table.length; row++) {
        if (isDeployment(row) || live.targets.has(row)) break
        const found = said(row)
        if (found !== undefined) return found
    }
    return undefined
}

/**
 * The files of an app, by their paths as they were deployed.
 * @throws ComplogError `error-findings` where a part is missing or altered, `app-malformed` where it is no
 * tree of files or has names that a stranger must not choose, `limit-exceeded`
 */
export function filesOfApp(
    values: Pick<CheckedValues, 'loadWhole'>,
    app: ValueHash,
): ReadonlyMap<string, Uint8Array> {
    return new TreeReader(app, valuesFrom(values, `the app ${app}`)).read()
}

/** In bytes or characters: longer than any file system takes. */
const nameLengthMax = 1024

class TreeReader {
    readonly #app: ValueHash
    readonly #get: GetValue
    readonly #files = new Map<string, Uint8Array>()
    readonly #paths = new ForeignPaths()
    readonly #budget = new FileBudget(appFileBounds)

    constructor(app: ValueHash, get: GetValue) {
        this.#app = app
        this.#get = get
    }

    read(): ReadonlyMap<string, Uint8Array> {
        const root = this.#get(this.#app)
        if (root.kind === 'blob') throw this.#refused('it is no folder of files')
        this.#folder(root.items, [])
        const problem = this.#paths.problemOf(this.#files.keys())
        if (problem !== undefined) throw this.#refused(problem)
        return this.#files
    }

    #folder(items: readonly ValueHash[], above: readonly string[]): void {
        if (above.length >= folderDepthMax)
            throw this.#refused(`it is nested deeper than ${folderDepthMax} folders`)
        for (const item of items) {
            const pair = this.#get(item)
            const [nameHash, node, ...others] = pair.kind === 'list' ? pair.items : []
            if (nameHash === undefined || node === undefined || others.length > 0)
                throw this.#refused(`${item} in it is no entry of a folder, a name and a value`)
            const parts = [...above, this.#name(nameHash)]
            const content = this.#get(node)
            // Folders count too: the same one may stand in a tree any number of times.
            this.#within(this.#budget.beginFile())
            if (content.kind === 'list') this.#folder(content.items, parts)
            else this.#file(parts, content.bytes)
        }
    }

    #file(parts: readonly string[], bytes: Buffer): void {
        const judged = this.#paths.add(parts.join('/'))
        if ('problem' in judged) throw this.#refused(judged.problem)
        this.#within(this.#budget.add(bytes.length))
        this.#files.set(judged.path, bytes)
    }

    /** UTF-8 until 2020-12-11; since then a text as the engine keeps it. */
    #name(hash: ValueHash): string {
        const value = this.#get(hash)
        const length = value.kind === 'blob' ? value.bytes.length : value.items.length
        if (length > nameLengthMax) throw this.#refused(`it has a name of ${length} bytes or characters`)
        const isUtf32 = value.kind === 'list' || (value.bytes[0] === 0 && length % 4 === 0)
        const text = isUtf32
            ? textIn(this.#get, hash)
            : isUtf8(value.bytes)
              ? value.bytes.toString('utf8')
              : undefined
        if (text === undefined) throw this.#refused(`${hash} in it is no name`)
        // Of a path the empty parts and those of one dot are left out: as names of files they are none.
        if (/^\.?$|[/\\]/.test(text))
            throw this.#refused(`${JSON.stringify(text)} in it is no name of a file`)
        return text
    }

    #within(exceeded: string | undefined): void {
        if (exceeded === undefined) return
        throw new ComplogError('limit-exceeded', `The app ${this.#app} has ${exceeded}.`)
    }

    #refused(problem: string): ComplogError {
        return new ComplogError('app-malformed', `The app ${this.#app} is refused: ${problem}.`)
    }
}
