// The WebAssembly module that works on the rows of a whole log, from TypeScript's side. Every thread has an instance of its
// own; the memory is the same.
import { rowBinary } from './row-binary.js'
import { type CompiledModule, type SharedMemory, webAssembly } from '../pieces/web-assembly.js'
import { type RowLayout, pagesOf } from './row-layout.js'

/** What the threads share: the compiled module, the memory, and what lies where in it. May be sent to them. */
export interface SharedRows {
    readonly module: CompiledModule
    readonly memory: SharedMemory
    readonly layout: RowLayout
}

export interface RowModule {
    enterHashes(firstRow: number, count: number, hashes: number, parents: number): void
    joinGroup(
        group: number,
        rows: number,
        key: bigint,
        prefixMask: bigint,
        groupBits: number,
        partitionBits: number,
        entriesMax: number,
        slotBits: number,
        temp: number,
    ): number
    compareParents(
        firstRow: number,
        count: number,
        data: number,
        decoded: number,
        prefixesAreEqual: number,
    ): number
    countHeads(rows: number, named: number, last: number): number
    beginWalks(rows: number, head: number, walksMax: number, walks: number, marks: number): number
    goWalks(rows: number, from: number, to: number, walks: number, marks: number, active: number): number
    orderWalks(rows: number, count: number, walks: number): number
    rankWalks(rows: number, from: number, to: number, walks: number, active: number): void
    layOutWindow(
        rows: number,
        firstRank: number,
        lastRank: number,
        windowSizeBytes: number,
        offsets: number,
        total: number,
    ): number
    gatherLines(
        firstRow: number,
        count: number,
        data: number,
        held: number,
        firstRank: number,
        ranks: number,
        offsets: number,
        window: number,
        report: number,
    ): number
}

interface Exports extends RowModule {
    setTables(
        prefixes: number,
        rests: number,
        parentPrefixes: number,
        starts: number,
        sizes: number,
        parents: number,
    ): void
}

let compiled: CompiledModule | undefined

/** Undefined where this Node cannot run it, or has no such memory to give. */
export function shareRows(layout: RowLayout): SharedRows | undefined {
    const api = webAssembly()
    const bytes = Buffer.from(rowBinary, 'base64')
    if (api === undefined || (compiled === undefined && !api.validate(bytes))) return undefined
    compiled ??= new api.Module(bytes)
    const pages = pagesOf(layout)
    try {
        const memory = new api.Memory({ initial: pages, maximum: pages, shared: true })
        return { module: compiled, memory, layout }
    } catch (error) {
        if (error instanceof RangeError) return undefined
        throw error
    }
}

export function instantiateRows({ module, memory, layout }: SharedRows): RowModule {
    const api = webAssembly()
    if (api === undefined) throw new Error('A compiled module, but nothing that could run it.')
    const exports = new api.Instance(module, { env: { memory } }).exports as Exports
    exports.setTables(
        layout.prefixesAt,
        layout.restsAt,
        layout.parentPrefixesAt,
        layout.startsAt,
        layout.sizesAt,
        layout.parentsAt,
    )
    return exports
}
