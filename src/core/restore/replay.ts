// Feeds the records of a chain to a running app. Reading ahead and applying overlap: the app has a thread of
// its own.
import { type Chain, type CompositionRecord, hashAt, type Positions } from '../check/chain.js'
import type { ElmAppInstance } from '../elm-app/elm-app.js'
import type { Activity, WorkOptions } from '../progress.js'
import { type Replayed, ReplayRun, type ReplayRunOptions } from './replay-run.js'

export type { MeasuredInput, Replayed } from './replay-run.js'

export interface ReplayOptions extends WorkOptions, ReplayRunOptions {
    /** Positions, ascending, after which `onStop` is called while the app is in that very state. */
    readonly stops?: readonly number[] | undefined
    readonly onStop?: ((at: Stop) => Promise<void>) | undefined
    /** What to call it in the progress; default: replay. */
    readonly activity?: Activity | undefined
}

export interface Stop extends Pick<CompositionRecord, 'hash' | 'position'> {
    /** What was replayed until here. */
    readonly replayed: () => Promise<Replayed>
}

/** Replays the records from one position to another. */
export async function replay(
    chain: Chain,
    instance: ElmAppInstance,
    options: Positions & ReplayOptions,
): Promise<Replayed> {
    const { from, to, stops = [] } = options
    const run = new ReplayRun(instance, options)
    const onHandedOver = () => {
        const { activity = 'replay', onProgress } = options
        onProgress?.({ activity, done: run.records, total: to - from + 1, unit: 'records' })
    }
    try {
        const whole = [{ from, to, stops, isPacked: true }]
        for (const stretch of stops.length === 0 ? whole : stretchesOf(from, to, stops)) {
            await applyStretch(run, chain, { ...options, ...stretch, onHandedOver })
            if (run.hasFailed) break
        }
    } catch (error) {
        // What went wrong in the run gets its place below.
        if (!run.hasFailed) throw error
    }
    return run.end(chain)
}

async function applyStretch(
    run: ReplayRun,
    chain: Chain,
    stretch: Stretch & ReplayOptions & { readonly onHandedOver: () => void },
): Promise<void> {
    const { from, to, stops, isPacked, onStop, onHandedOver, ...options } = stretch
    const replayed = () => run.end(chain)
    const packed = isPacked ? chain.readPacked(from, to, options) : undefined
    const rest = { stops: packed === undefined ? [...stops] : [], onStop, replayed }
    for await (const batch of packed ?? chain.read(from, to, options)) {
        if ('release' in batch) run.applyPacked(batch)
        else await applyWithStops(run, batch, rest)
        if (run.hasFailed) return
        onHandedOver()
    }
    if (packed === undefined || stops.length === 0) return
    await run.settle()
    await onStop?.({ hash: await hashAt(chain, to), position: to, replayed })
}

interface StopsLeft extends Pick<ReplayOptions, 'onStop'>, Pick<Stop, 'replayed'> {
    /** Loses those that were stopped at. */
    readonly stops: number[]
}

/** Applies a batch in parts where there are stops within. */
async function applyWithStops(
    run: ReplayRun,
    batch: readonly CompositionRecord[],
    { stops, onStop, replayed }: StopsLeft,
): Promise<void> {
    let rest = batch
    const last = batch.at(-1)
    while (last !== undefined && stops[0] !== undefined && stops[0] <= last.position) {
        const stop = stops.shift() as number
        const until = rest.findIndex(({ position }) => position === stop)
        if (until < 0) continue
        await run.apply(rest.slice(0, until + 1))
        await run.settle()
        const { hash, position } = rest[until] as CompositionRecord
        await onStop?.({ hash, position, replayed })
        rest = rest.slice(until + 1)
    }
    await run.apply(rest)
}

// Where a replay that has to stop can go the fast way. Packed records go by in bulk, so a stop needs an end
// of its own; where stops are near each other, reading record by record is faster than to begin anew behind
// each.

/** Records that a replay goes through in one go. */
interface Stretch extends Positions {
    /** Where to stop, ascending; a packed one stops at its end at most. */
    readonly stops: readonly number[]
    readonly isPacked: boolean
}

/** To begin anew takes as long as to read so many records one by one. */
const packedRecordsMin = 16_384

/** @param stops ascending, from the first position to the last */
export function stretchesOf(from: number, to: number, stops: readonly number[]): readonly Stretch[] {
    const stretches: Stretch[] = []
    let near: number[] = []
    let begin = from
    let before = from - 1
    const endsAtStop = stops.at(-1) === to
    for (const end of endsAtStop ? stops : [...stops, to]) {
        const isStop = end !== to || endsAtStop
        if (end - before >= packedRecordsMin) {
            if (before >= begin) stretches.push({ from: begin, to: before, stops: near, isPacked: false })
            stretches.push({ from: before + 1, to: end, stops: isStop ? [end] : [], isPacked: true })
            near = []
            begin = end + 1
        } else if (isStop) near.push(end)
        before = end
    }
    if (begin <= to) stretches.push({ from: begin, to, stops: near, isPacked: false })
    return stretches
}
