// A new store of a generation since 2020-05, as its hosts would have written it where an administrator had
// deployed an app and set its state: two records, their values, and the reduction of the second.
import { deflateRawSync } from 'node:zlib'

import type { AppTreeForm, StoreGeneration, ValueFolders, WrittenForm } from '../generations/generation.js'
import { reductionFolder } from './reading/list-later.js'
import { hashFormOf, hashOfBlob, sha256, type Value, type ValueHash } from './values/value.js'
import { Collected } from './values/value-forms.js'

export interface NewLaterStore {
    readonly generation: StoreGeneration
    readonly form: WrittenForm
    /** The text that the app gave of its state. */
    readonly state: string
    /** Its files, by paths with `/` between their parts, `elm.json` at the top. */
    readonly app: ReadonlyMap<string, Uint8Array>
    /** Names the log file. */
    readonly time: Date
}

/** The files of a store, by their paths in it; the log, which makes them a store, comes last. */
export interface StoreInFiles<Hash> {
    readonly files: ReadonlyMap<string, Buffer>
    readonly head: Hash
    readonly records: number
}

/** Makes the files of a new store in memory. */
export function newLaterStore({
    generation,
    form,
    state,
    app,
    time,
}: NewLaterStore): StoreInFiles<ValueHash> {
    const { logFolder, hashed, writer } = generation
    const { kept } = form
    if (kept === undefined || writer.record === undefined)
        throw new Error(`Stores of ${form.from} hold no values.`)
    const { record } = writer
    const values = new Collected()
    const appHash = addFolder(values, folderOf(app, kept.tree.below), kept.tree)
    const stateHash = values.add({ kind: 'blob', bytes: Buffer.from(state) })
    const hashOf = hashed === 'line' ? sha256 : hashOfBlob
    const first = Buffer.from(record(eventOf('DeployAppConfigAndInitElmAppState', appHash), undefined))
    const second = Buffer.from(record(eventOf('SetElmAppState', stateHash), hashOf(first)))
    const head = hashOf(second)
    const records = [first, second]
    if (writer.logFileAt === undefined) for (const bytes of records) values.add({ kind: 'blob', bytes })
    const files = new Map<string, Buffer>()
    for (const value of values.all) files.set(...fileOfValue(value, kept.values))
    files.set(`${reductionFolder}/${head}`, reductionOf(head, stateHash, appHash))
    if (writer.logFileAt === undefined) files.set('composition-log-head-hash', Buffer.from(head, 'hex'))
    else {
        const lines = records.map((bytes) => `${bytes.toString()}\n`).join('')
        files.set(`${logFolder ?? ''}/${writer.logFileAt(time)}`, Buffer.from(lines))
    }
    return { files, head, records: records.length }
}

export function reductionOf(head: ValueHash, state: ValueHash, app: ValueHash): Buffer {
    return Buffer.from(
        `{"reducedCompositionHashBase16":"${head}","elmAppState":{"HashBase16":"${state}"},"appConfig":{"HashBase16":"${app}"}}`,
    )
}

export function eventOf(event: NamingEvent, hash: ValueHash): string {
    return `{"${event}":{"HashBase16":"${hash}"}}`
}

type NamingEvent = 'DeployAppConfigAndInitElmAppState' | 'SetElmAppState'

/** Hosts pack what is at least as long, and only where that makes it as much shorter. */
const deflatedSizeBytesMin = 10_000
const deflatedRatioMax = 0.8

/** Where a value lies in a store, and what its file holds. */
export function fileOfValue(
    value: Value,
    { folder, deflatedFolder }: ValueFolders,
): readonly [string, Buffer] {
    const form = hashFormOf(value)
    const hash = sha256(form)
    const below = `${hash.slice(0, 2)}/${hash}`
    if (deflatedFolder !== undefined && form.length >= deflatedSizeBytesMin) {
        const deflated = deflateRawSync(form)
        if (deflated.length < form.length * deflatedRatioMax) return [`${deflatedFolder}/${below}`, deflated]
    }
    return [`${folder}/${below}`, form]
}

type Folder = Map<string, Buffer | Folder>

function folderOf(files: ReadonlyMap<string, Uint8Array>, below: string | undefined): Folder {
    const root: Folder = new Map()
    for (const [path, bytes] of files) {
        let folder = root
        const parts = [...(below === undefined ? [] : [below]), ...path.split('/')]
        for (const name of parts.slice(0, -1)) {
            const inner = folder.get(name)
            const next = inner instanceof Map ? inner : new Map<string, Buffer | Folder>()
            folder.set(name, next)
            folder = next
        }
        folder.set(parts.at(-1) ?? '', Buffer.from(bytes))
    }
    return root
}

/** A list of pairs of a name and a blob or a list, in the order in which hosts of the time stored them. */
function addFolder(values: Collected, folder: Folder, form: AppTreeForm): ValueHash {
    const { names, filesFirst = false } = form
    const isLater = (node: Buffer | Folder) => Number(filesFirst && !Buffer.isBuffer(node))
    const compare = (one: string, other: string) =>
        names === 'utf-8' ? Buffer.compare(Buffer.from(one), Buffer.from(other)) : one < other ? -1 : 1
    const sorted = [...folder].sort(
        ([one, node], [other, otherNode]) => isLater(node) - isLater(otherNode) || compare(one, other),
    )
    const items = sorted.map(([name, node]) => {
        const content =
            node instanceof Map ? addFolder(values, node, form) : values.add({ kind: 'blob', bytes: node })
        return values.add({ kind: 'list', items: [addName(values, name, names), content] })
    })
    return values.add({ kind: 'list', items })
}

function addName(values: Collected, name: string, names: AppTreeForm['names']): ValueHash {
    if (names === 'utf-8') return values.add({ kind: 'blob', bytes: Buffer.from(name) })
    const items = Array.from(name, (character) => {
        const hex = (character.codePointAt(0) ?? 0).toString(16)
        return values.add({ kind: 'blob', bytes: Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex') })
    })
    return values.add({ kind: 'list', items })
}
