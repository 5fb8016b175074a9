// What does not belong to the chain leaves the log, but is never thrown away: every such line is kept, byte
// for byte, in a file beside the log.
import { createHash, type Hash } from 'node:crypto'
import { join } from 'node:path'

import { placeOfLine } from '../../composition/line-checks.js'
import { changedWhileRead, type Place } from '../../errors.js'
import { chunkSizeBytes } from '../../limits.js'
import type { WorkOptions } from '../../progress.js'
import type { Staging } from '../../store/durable/staging.js'
import { readForwards } from '../../store/reading/read-forwards.js'
import { outsideFolder } from '../../store/recognise.js'
import type { LogOrder } from './log-order.js'

/** Lines outside the chain that are named in a result; all of them are in the file. */
const placesMax = 1000

/** What did not belong to the chain, and where it is kept. */
export interface OutsideChain {
    readonly lines: number
    readonly places: readonly Place[]
    /** Null where there is nothing. */
    readonly file: string | null
}

/** A line that is no record of the chain. */
export interface OutsideLine {
    readonly place: Place
    /** The raw line, without its line end. */
    readonly bytes: Buffer
}

/** Every line of the log that is neither blank nor a record of the chain, in the order of the lines. */
export async function* linesOutsideChain(
    plan: LogOrder,
    options: WorkOptions = {},
): AsyncGenerator<OutsideLine> {
    const { table } = plan.index
    if (plan.isWhole) return
    for (const { file, firstRowNow, endRowNow, isTight } of plan.files) {
        if (isTight) continue
        const nextOnChain = (from: number) => {
            let row = from
            while (row < endRowNow && !plan.isOnChain(row)) row++
            return row
        }
        let next = nextOnChain(firstRowNow)
        const { lineSizeBytesMax } = plan.store.limits
        for await (const lines of readForwards(file, { lineSizeBytesMax, signal: options.signal })) {
            for (const line of lines) {
                if (next < endRowNow && table.place(next).offsetBytes === line.offsetBytes) {
                    next = nextOnChain(next + 1)
                } else if (line.sizeBytes > 0)
                    yield { place: placeOfLine(file.path, line), bytes: line.bytes }
            }
        }
    }
}

/**
 * Named after its content, so that the same command run again writes the same file and no second one.
 * @param linesOutside gives them; is asked twice
 */
export async function stageOutside(
    linesOutside: () => AsyncIterable<OutsideLine> | Iterable<OutsideLine>,
    staging: Staging,
): Promise<OutsideChain> {
    const places: Place[] = []
    let lines = 0
    const expected = createHash('sha256')
    for await (const { place, bytes } of linesOutside()) {
        expected.update(bytes).update('\n')
        lines += 1
        if (lines <= placesMax) places.push(place)
    }
    if (lines === 0) return { lines, places, file: null }
    const digest = expected.digest('hex')
    const file = join(staging.root, outsideFolder, `${digest.slice(0, 16)}.jsonl`)
    const written = createHash('sha256')
    await staging.stageUnsynced(file, outsideContent(linesOutside(), written))
    if (written.digest('hex') !== digest) throw changedWhileRead()
    return { lines, places, file }
}

/** The raw lines, gathered: a write for each would take minutes where there are many. */
async function* outsideContent(
    lines: AsyncIterable<OutsideLine> | Iterable<OutsideLine>,
    hash: Hash,
): AsyncGenerator<Buffer> {
    const lineEnd = Buffer.from('\n')
    let pieces: Buffer[] = []
    let sizeBytes = 0
    for await (const { bytes } of lines) {
        pieces.push(Buffer.from(bytes), lineEnd)
        sizeBytes += bytes.length + 1
        if (sizeBytes < chunkSizeBytes) continue
        const gathered = Buffer.concat(pieces)
        hash.update(gathered)
        yield gathered
        pieces = []
        sizeBytes = 0
    }
    const rest = Buffer.concat(pieces)
    hash.update(rest)
    yield rest
}
