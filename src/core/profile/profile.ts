// Entrance of core/profile/: how long restores take, compared with a baseline. In come a store and an app;
// out come medians with their intervals, and a verdict.
//
// How long a restore takes, and what takes the time. Each run restores in a fresh instance of the app; the
// per-event times come from a run of their own, because measuring them slows the run down.
import { cpus } from 'node:os'

import { type CompositionHash, hashOfLine } from '../composition/hash.js'
import { parseRecord } from '../composition/record.js'
import type { LoadedElmApp } from '../elm-app/elm-app.js'
import type { WorkOptions } from '../progress.js'
import { type Restored, type RestoreTimes, restore } from '../restore/restore.js'
import { sizeOfFiles } from '../store/listing/list-files.js'
import { openProcessStore, type ProcessStore } from '../store/process-store.js'
import { type Baseline, differences, refuseIncomparable } from './baseline.js'
import { type BaselineComparison, compareWithBaseline } from './compare.js'
import { EventCosts, type KindCost, type SlowEvent } from './event-costs.js'
import { type Interval, medianInterval, samplesForConfidence } from './interval.js'

/** How each measured restore starts. */
export type ProfileMode = 'default' | 'from-genesis' | 'from-end'

/** What to measure, how often, and against what. */
export interface ProfileOptions extends WorkOptions {
    readonly mode?: ProfileMode | undefined
    /** Measured runs; default 10. With a baseline at least 7, and in doubt up to five times as many. */
    readonly runs?: number | undefined
    /** Runs before the measured ones; default 1. */
    readonly warmup?: number | undefined
    readonly baseline?: Baseline | undefined
    /** How much slower than the baseline is allowed, as a fraction; default 0.1. */
    readonly maxSlowdown?: number | undefined
}

/** A part of a restore that is measured by itself. */
export type Phase = keyof RestoreTimes

/** What restores took, in all and in parts. */
export interface Profile {
    readonly mode: ProfileMode
    readonly head: CompositionHash
    readonly runs: number
    /** What one restore replays. */
    readonly records: number
    readonly events: number
    /** Size of the log in bytes. */
    readonly logSizeBytes: number
    /** Milliseconds of each phase, and of the whole. */
    readonly phases: Readonly<Record<Phase, Interval>>
    /** Events that the app processed in a second of replay; null where none were replayed. */
    readonly eventsPerSecond: number | null
    /**
     * Bytes of log that were read and hashed in a second, be it before the replay or with it; null where the
     * log was read from its end.
     */
    readonly bytesPerSecond: number | null
    /** Heap of the app's thread at its highest in any run, bytes. */
    readonly peakHeapBytes: number
    readonly slowest: readonly SlowEvent[]
    readonly kinds: readonly KindCost[]
    /** To compare later profiles with. */
    readonly asBaseline: Baseline
    readonly comparison: BaselineComparison | null
    readonly warnings: readonly string[]
}

const doubtfulRunsFactor = 5

/** @throws ComplogError as `restore` does */
export async function profile(
    store: ProcessStore,
    app: LoadedElmApp,
    options: ProfileOptions = {},
): Promise<Profile> {
    const { mode = 'default', warmup = 1, baseline, maxSlowdown = 0.1 } = options
    const runs = Math.max(options.runs ?? 10, baseline ? samplesForConfidence : 1)
    const work: WorkOptions = { signal: options.signal }
    const restoreOnce = async (more: Parameters<typeof restore>[2] = {}) => {
        const fresh = await openProcessStore(store.layout.path, store.limits)
        return restore(fresh, app, {
            ...work,
            ...more,
            fromGenesis: mode === 'from-genesis',
            fromEnd: mode === 'from-end',
        })
    }

    if (baseline) refuseIncomparable({ head: (await restoreOnce()).hash, mode }, baseline)
    for (let i = 0; i < warmup; i++) await restoreOnce()
    referenceWorkMilliseconds()
    let before = referenceWorkMilliseconds()
    const measured: Restored[] = []
    const relative: number[] = []
    const compare = () => (baseline ? compareWithBaseline(relative, baseline.relative, maxSlowdown) : null)
    for (let planned = runs; measured.length < planned; ) {
        const restored = await restoreOnce()
        const after = referenceWorkMilliseconds()
        measured.push(restored)
        relative.push(restored.milliseconds.total / ((before + after) / 2))
        before = after
        if (measured.length === planned && planned < runs * doubtfulRunsFactor && compare()?.inDoubt === true)
            planned += 1
        options.onProgress?.({ activity: 'measure', done: measured.length, total: planned, unit: 'runs' })
    }

    const costs = new EventCosts()
    const last = await restoreOnce({
        onMeasured: (inputs) => costs.add(inputs),
        onAllMeasured: (find) => costs.end(find),
    })
    const phases = phasesOf(measured)
    const asBaseline = baselineOf(last, app, { mode, measured, relative })
    const logSizeBytes = sizeOfFiles(store.logFiles)
    return {
        mode,
        head: last.hash,
        runs: measured.length,
        records: last.records,
        events: last.events,
        logSizeBytes,
        phases,
        eventsPerSecond: last.events > 0 ? (last.events / phases.replay.median) * 1000 : null,
        bytesPerSecond:
            last.fromEnd || logSizeBytes === 0
                ? null
                : (logSizeBytes / (phases.read.median || phases.replay.median)) * 1000,
        peakHeapBytes: Math.max(...measured.map(({ peakHeapBytes }) => peakHeapBytes)),
        slowest: costs.slowest,
        kinds: costs.kinds,
        asBaseline,
        comparison: compare(),
        warnings: baseline ? differences(asBaseline, baseline) : [],
    }
}

function phasesOf(measured: readonly Restored[]): Readonly<Record<Phase, Interval>> {
    const of = (phase: Phase) => medianInterval(measured.map(({ milliseconds }) => milliseconds[phase]))
    return {
        load: of('load'),
        read: of('read'),
        order: of('order'),
        replay: of('replay'),
        serialize: of('serialize'),
        total: of('total'),
    }
}

function baselineOf(
    { hash, events }: Restored,
    { scriptHash }: LoadedElmApp,
    {
        mode,
        measured,
        relative,
    }: {
        readonly mode: ProfileMode
        readonly measured: readonly Restored[]
        readonly relative: readonly number[]
    },
): Baseline {
    return {
        schema: 'complog/profile-baseline/1',
        machine: { node: process.version, platform: process.platform, cpu: cpus()[0]?.model ?? 'unknown' },
        restored: { head: hash, events, scriptHash, mode },
        totalMilliseconds: measured.map(({ milliseconds }) => milliseconds.total),
        relative: [...relative],
    }
}

// A fixed piece of work of the same kind as a restore, timed before and behind every run. Dividing by it
// takes out that a machine is faster or slower than the one of the baseline, or than it was a minute ago.

const line = Buffer.from(
    '{"ParentHashBase16":"E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855","AppendedEvents":[{"LiteralString":"{\\"addition\\":1}"}]}',
)
const repetitions = 10_000

/** Milliseconds for hashing and parsing 10,000 records of 145 bytes. */
function referenceWorkMilliseconds(): number {
    const begin = performance.now()
    for (let i = 0; i < repetitions; i++) {
        hashOfLine(line)
        parseRecord(line)
    }
    return performance.now() - begin
}
