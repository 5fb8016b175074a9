// What does not belong to the chain leaves the log, but is never thrown away: every such line is kept, byte for byte,
// in a file beside the log.
import type { Place } from '../errors.js'
import type { WorkOptions } from '../progress.js'
import { placeOfLine } from '../composition/line-checks.js'
import { readForwards } from '../store/read-forwards.js'
import type { ReorderPlan } from './plan-reorder.js'

export interface OutsideLine {
    readonly place: Place
    /** The raw line, without its line end. */
    readonly bytes: Buffer
}

/** Every line of the log that is neither blank nor a record of the chain, in the order of the lines. */
export async function* linesOutsideChain(
    plan: ReorderPlan,
    options: WorkOptions = {},
): AsyncGenerator<OutsideLine> {
    const { table } = plan.index
    for (const { file, rowsNow, isDone } of plan.files) {
        if (isDone) continue
        let next = 0
        const { lineSizeBytesMax } = plan.store.limits
        for await (const lines of readForwards(file, { lineSizeBytesMax, signal: options.signal })) {
            for (const line of lines) {
                const row = rowsNow[next]
                if (row !== undefined && table.place(row).offsetBytes === line.offsetBytes) next++
                else if (line.sizeBytes > 0) yield { place: placeOfLine(file.path, line), bytes: line.bytes }
            }
        }
    }
}
