// Feeds the records of a chain to a running app. Reading ahead and applying overlap: the app has a thread of its own.
import type { Chain, CompositionRecord } from '../check/chain.js'
import type { ElmAppInstance } from '../elm-app/elm-app.js'
import type { Activity, WorkOptions } from '../progress.js'
import { type Replayed, ReplayRun, type RunOptions } from './replay-run.js'

export type { MeasuredInput, Replayed } from './replay-run.js'

export interface ReplayOptions extends WorkOptions, RunOptions {
    /** Positions, ascending, after which `onStop` is called while the app is in that very state. */
    readonly stops?: readonly number[] | undefined
    readonly onStop?: ((record: CompositionRecord) => Promise<void>) | undefined
    /** What to call it in the progress; default: replay. */
    readonly activity?: Activity | undefined
}

/** Replays the records from one position to another, both included. */
export async function replay(
    chain: Chain,
    instance: ElmAppInstance,
    from: number,
    to: number,
    options: ReplayOptions = {},
): Promise<Replayed> {
    const run = new ReplayRun(instance, options)
    const total = to - from + 1
    const stops = [...(options.stops ?? [])]
    // Single records are needed to stop at, and to say what took how long.
    const wantsRecords = stops.length > 0 || options.onMeasured !== undefined
    const batches = wantsRecords ? undefined : chain.readPacked?.(from, to, options)
    try {
        for await (const batch of batches ?? chain.read(from, to, options)) {
            if ('release' in batch) run.applyPacked(batch)
            else await applyWithStops(run, batch, stops, options.onStop)
            if (run.hasFailed) break
            options.onProgress?.({
                activity: options.activity ?? 'replay',
                done: run.records,
                total,
                unit: 'records',
            })
        }
    } catch (error) {
        // What went wrong in the run gets its place below.
        if (!run.hasFailed) throw error
    }
    return run.end(chain)
}

/** Applies a batch in parts where there are stops within. */
async function applyWithStops(
    run: ReplayRun,
    batch: readonly CompositionRecord[],
    stops: number[],
    onStop: ReplayOptions['onStop'],
): Promise<void> {
    let rest = batch
    const last = batch.at(-1)
    while (last !== undefined && stops[0] !== undefined && stops[0] <= last.position) {
        const stop = stops.shift() as number
        const until = rest.findIndex(({ position }) => position === stop)
        if (until < 0) continue
        await run.apply(rest.slice(0, until + 1))
        await run.settle()
        await onStop?.(rest[until] as CompositionRecord)
        rest = rest.slice(until + 1)
    }
    await run.apply(rest)
}
