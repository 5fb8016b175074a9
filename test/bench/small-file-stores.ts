// Stores as hosts leave them: thousands of small files. One file an hour, with a reduction of its last record, as hosts of
// 2019 write them; one file a minute without reductions; and the same of an idle host of 2021 to 2025, as it writes them.
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { type CompositionHash, genesis, hashOfLine } from '../../src/core/composition/hash.js'
import { hashOfBlob } from '../../src/core/later/values/value.js'
import { serializeReduction } from '../../src/core/reduction/reduction.js'

export interface Shape {
    readonly name: string
    readonly recordsPerFile: number
    /** From one file to the next. */
    readonly minutes: number
    /** Bytes of each record, its line end included; the events are padded. */
    readonly recordSizeBytes: number
    readonly hasReductions: boolean
    /** As hosts of 2021-07 and later write them. */
    readonly isLater?: true
}

const hourly: Shape = {
    name: 'hourly',
    recordsPerFile: 20,
    minutes: 60,
    recordSizeBytes: 145,
    hasReductions: true,
}
const minutes: Shape = {
    name: 'minutes',
    recordsPerFile: 6,
    minutes: 1,
    recordSizeBytes: 240,
    hasReductions: false,
}
export const shapes = {
    hourly,
    minutes,
    'minutes since 2021': { ...minutes, name: 'since-2021', isLater: true },
} as const satisfies Record<string, Shape>
export type ShapeName = keyof typeof shapes
const version = 1

/** The folder of such a store, of the counter app. Made once, and left for the next time. */
export function cachedStore(shape: Shape, files: number): string {
    const folder = process.env['COMPLOG_BENCH_DATA'] ?? join(tmpdir(), 'complog-bench-data')
    const store = join(folder, `${shape.name}-${files}-v${version}`)
    if (!existsSync(store)) {
        const unfinished = `${store}-unfinished`
        rmSync(unfinished, { recursive: true, force: true })
        makeStore(unfinished, shape, files)
        renameSync(unfinished, store)
    }
    return store
}

export function makeStore(store: string, shape: Shape, files: number): void {
    const log = join(store, shape.isLater ? 'composition-log/literal' : 'composition')
    mkdirSync(join(store, shape.isLater ? 'literal-element' : 'reduction'), { recursive: true })
    let parent = (shape.isLater ? '' : genesis) as CompositionHash
    let state = 0
    let record = 0
    for (let file = 0; file < files; file++) {
        const lines: Buffer[] = []
        for (let i = 0; i < shape.recordsPerFile; i++) {
            const addition = ((record++ * 7919) % 2001) - 1000
            state += addition
            const line = (shape.isLater ? laterRecordOf : recordOf)(parent, addition, shape.recordSizeBytes)
            parent = (shape.isLater ? hashOfBlob(line) : hashOfLine(line)) as CompositionHash
            lines.push(line, Buffer.from('\n'))
        }
        const time = new Date(Date.UTC(2019, 3, 28) + file * shape.minutes * 60_000).toISOString()
        const name = shape.minutes < 60 ? time.slice(0, 16).replace(':', '-') : time.slice(0, 13)
        const folder = join(log, time.slice(0, 10))
        mkdirSync(folder, { recursive: true })
        writeFileSync(join(folder, shape.isLater ? name : `${name}.composition.jsonl`), Buffer.concat(lines))
        if (!shape.hasReductions) continue
        const reduction = serializeReduction({ hash: parent, value: String(state) })
        writeFileSync(join(store, 'reduction', parent), reduction)
    }
}

function recordOf(parent: string, addition: number, sizeBytes: number): Buffer {
    const withNote = (note: string) =>
        JSON.stringify({
            ParentHashBase16: parent,
            AppendedEvents: [{ LiteralString: JSON.stringify({ addition, ...(note !== '' && { note }) }) }],
        })
    return padded(withNote, sizeBytes)
}

/** An ordinary event; the very first record names no parent. */
function laterRecordOf(parent: string, addition: number, sizeBytes: number): Buffer {
    const withNote = (note: string) => {
        const event = `{\\u0022addition\\u0022:${addition}${note === '' ? '' : `,\\u0022note\\u0022:\\u0022${note}\\u0022`}}`
        const named = parent === '' ? '' : `"parentHashBase16":"${parent}",`
        return `{${named}"compositionEvent":{"UpdateElmAppStateForEvent":{"LiteralStringUtf8":"${event}"}}}`
    }
    return padded(withNote, sizeBytes)
}

function padded(withNote: (note: string) => string, sizeBytes: number): Buffer {
    const bare = withNote('x').length
    return Buffer.from(bare >= sizeBytes ? withNote('') : withNote('x'.repeat(sizeBytes - bare)))
}
