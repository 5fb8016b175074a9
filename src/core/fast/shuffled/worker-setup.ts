// What every thread that works on a shuffled log is told at its start.
import type { PieceSettings } from '../pieces/piece-reader.js'
import type { CompiledModule } from '../pieces/web-assembly.js'
import type { SharedRows } from './row-module.js'

/** The same for all threads. May be sent to them. */
export interface WorkerSetup {
    readonly scanner: CompiledModule
    readonly settings: PieceSettings
    readonly rows: SharedRows
    /** Number of records of each piece; -1 where nobody knows it yet. */
    readonly counts: Int32Array
}
