// The process stores of fixtures/later-stores, which hosts of 2019-05 to 2026 wrote, with what is known of them.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliDecompressSync } from 'node:zlib'

import { fixturesFolder } from './stores.js'
import { writeFiles } from './temporary.js'

export interface ExpectedOfLater {
    readonly generation: string
    readonly writer: string
    /** Of each record on the way to the head: hash, parent, event. */
    readonly records: readonly (readonly [hash: string, parent: string | null, event: string])[]
    readonly head: string
    /** How many records a later revert has made void. */
    readonly void: number
    /** At the head: the text that the app gave until 0.3.x, JSON since 0.4.0; null where nobody knows. */
    readonly state: string | null
    /** The state of each reduction, by its hash. */
    readonly reductions: Readonly<Record<string, string | null>>
}

const folder = join(fixturesFolder, 'later-stores')
const expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as Readonly<
    Record<string, ExpectedOfLater>
>
const packed = brotliDecompressSync(readFileSync(join(folder, 'stores.br')))
const indexSizeBytes = packed.indexOf('\n') + 1
/** The length of each file in bytes, in the order in which they stand behind the index. */
const index = JSON.parse(packed.toString('utf8', 0, indexSizeBytes)) as Readonly<
    Record<string, Readonly<Record<string, number>>>
>

const files = new Map<string, Readonly<Record<string, Buffer>>>()
let at = indexSizeBytes
for (const [name, sizes] of Object.entries(index)) {
    const entries = Object.entries(sizes).map(([path, sizeBytes]) => {
        at += sizeBytes
        return [path, packed.subarray(at - sizeBytes, at)] as const
    })
    files.set(name, Object.fromEntries(entries))
}

const kalmitsOwn = /^(?:damaged\/)?l\d/
/** Sound ones, and those that damage left, `damaged/NAME`, of hosts since 2020-05. */
export const laterStoreNames: readonly string[] = [...files.keys()].filter((name) => !kalmitsOwn.test(name))
/** Of hosts of 2019-05 to 2020-04, which have written stores of Kalmit's own kind. */
export const lastKalmitStoreNames: readonly string[] = [...files.keys()].filter((name) =>
    kalmitsOwn.test(name),
)

/** What complog calls each event of a record, by the name that hosts have for it. */
export const kindsOfEvents: Readonly<Record<string, string>> = {
    UpdateElmAppStateForEvent: 'event',
    SetElmAppState: 'set-state',
    DeployAppConfigAndInitElmAppState: 'deploy-init',
    DeployAppConfigAndMigrateElmAppState: 'deploy-migrate',
    RevertProcessTo: 'revert',
    ApplyFunctionOnElmAppState: 'apply-function',
    ApplyFunctionOnLiteralAndState: 'apply-function-on-literal',
}

export function filesOfLater(name: string): Readonly<Record<string, Buffer>> {
    const found = files.get(name)
    if (found === undefined) throw new Error(`There is no store ${name}.`)
    return found
}

export function expectedOfLater(name: string): ExpectedOfLater {
    const found = expected[name]
    if (found === undefined) throw new Error(`Nothing is known of ${name}.`)
    return found
}

/** Writes a store below a folder; gives its path. */
export function unpackLater(name: string, into: string): string {
    const store = join(into, ...name.split('/'))
    writeFiles(store, filesOfLater(name))
    return store
}

/** Ids of findings that only stores of 2020-05 and later can have. */
export const findingsOfLaterStores: readonly string[] = [
    'interleaved-record',
    'merged-line',
    'carriage-return',
    'empty-log-file',
    'unknown-event',
    'head-file',
    'value-missing',
    'value-differs',
    'revert-target',
    'reduction-without-state',
    'older-generation',
]
