// Orders the rows where they are one chain: every row but one has a parent, and every row but one is a parent, so none has
// two children. From the head back, each row gets its rank.
import type { WorkOptions } from '../../progress.js'
import { type Crew, GaveUp } from './crew.js'
import type { WalkJob } from './jobs.js'
import type { SharedRows } from './row-module.js'

const walksMax = 256
const walksPerTask = 32
const walkSizeBytes = 16

/**
 * Writes each row's rank over the first bits of its parent, and the path behind them.
 * @param unmatched number of rows without a parent
 * @returns the rows, oldest first; undefined where they are not one chain
 */
export async function orderRows(
    crew: Crew,
    { layout, memory }: SharedRows,
    rows: number,
    unmatched: number,
    { signal }: WorkOptions,
): Promise<Uint32Array | undefined> {
    if (rows === 0 || unmatched !== 1) return undefined
    const { module } = crew.worker
    const walksAt = layout.tempAt
    const activeAt = walksAt + walksMax * walkSizeBytes
    const headAt = activeAt + walksMax * 8
    const marksAt = headAt + 8
    if (module.countHeads(rows, marksAt, headAt) !== 1) return undefined
    const head = Buffer.from(memory.buffer).readUInt32LE(headAt)

    const walks = module.beginWalks(rows, head, walksMax, walksAt, marksAt)
    const job: WalkJob = { kind: 'go-walks', rows, walks, walksPerTask, walksAt, marksAt, activeAt }
    const tasks = Math.ceil(walks / walksPerTask)
    const ignore = () => undefined
    await crew.run(job, tasks, ignore, signal)
    // Whole hashes are compared, so this cannot be.
    if (module.orderWalks(rows, walks, walksAt) === 0) throw new GaveUp()
    await crew.run({ ...job, kind: 'rank-walks' }, tasks, ignore, signal)
    return new Uint32Array(memory.buffer, layout.parentPrefixesAt + rows * 4, rows)
}
