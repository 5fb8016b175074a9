// The stores of `fixtures/findings`, and how they are written and read.
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { fixturesFolder } from '../stores.js'
import { filePaths, writeFiles } from '../temporary.js'
import type { ExpectedFinding, FindingStore } from './finding-store.js'
import { storesOfChains } from './of-chains.js'
import { storesOfLines } from './of-lines.js'
import { storesOfReductions } from './of-reductions.js'

export type { ExpectedFinding, FindingStore } from './finding-store.js'

export const findingsFolder = join(fixturesFolder, 'findings')

/** The content of an `expected.json`. */
export interface Expected {
    /** What `complog verify-chain` ends with. */
    readonly exit: 0 | 3
    /** Flags that it needs beyond the store and the app. */
    readonly flags: readonly string[]
    /** The app in `fixtures/apps` that it needs, if any. */
    readonly app: 'counter' | null
    readonly findings: readonly ExpectedFinding[]
}

export const findingStores: readonly FindingStore[] = [
    ...storesOfLines,
    ...storesOfChains,
    ...storesOfReductions,
].toSorted((a, b) => (a.name < b.name ? -1 : 1))

export function expectedOf({ flags = [], app, findings }: FindingStore): Expected {
    const exit = findings.some(({ severity }) => severity === 'error') ? 3 : 0
    return { exit, flags, app: app ?? null, findings }
}

export function writeFindingStore(folder: string, store: FindingStore): void {
    const root = join(folder, store.name)
    writeFiles(root, { 'expected.json': `${JSON.stringify(expectedOf(store), undefined, 2)}\n` })
    writeFiles(join(root, 'process-store'), store.files)
    for (const [path, target] of Object.entries(store.links ?? {})) {
        const link = join(root, 'process-store', path)
        mkdirSync(dirname(link), { recursive: true })
        symlinkSync(target, link)
    }
}

/** Names of the folders that are there. */
export function findingFolders(): readonly string[] {
    return readdirSync(findingsFolder, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => name)
        .sort()
}

export function expectedIn(name: string): Expected {
    return JSON.parse(readFileSync(join(findingsFolder, name, 'expected.json'), 'utf8')) as Expected
}

/** Everything below a folder, links as links. */
export function contentOf(folder: string): Record<string, string> {
    return Object.fromEntries(
        filePaths(folder).map((path) => {
            const absolute = join(folder, path)
            return lstatSync(absolute).isSymbolicLink()
                ? [path, `-> ${readlinkSync(absolute)}`]
                : [path, readFileSync(absolute).toString('latin1')]
        }),
    )
}
