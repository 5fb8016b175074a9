// The fast way of a restore from the very first record to the head, also where it is asked for from the end:
// the app is fed while the log is being checked. What comes of it counts only once the check has found one
// whole chain; else all of it is thrown away, and the log is read again by the way that is always right,
// which says what is wrong.
import { type CheckedLog, checkAndPack } from '../check/check-log.js'
import { chooseChain } from '../check/choose-chain.js'
import type { LoadedElmApp } from '../elm-app/elm-app.js'
import type { PackedRecords } from '../packed-inputs.js'
import type { Progress } from '../progress.js'
import type { ListedStore, ProcessStore } from '../store/process-store.js'
import { rethrowAppError } from './app-errors.js'
import { ReplayRun } from './replay-run.js'
import { isReadForwards, type RestoreTarget, wholeFromEnd } from './restore-target.js'
import { Clock, type RanRestore, type RestoreOptions } from './run-when-checked.js'
import { chooseStart, type RestoreStart } from './start.js'

/** Undefined where the log, what is asked for, or this machine is nothing for it. */
export async function runInOnePass(
    store: ListedStore,
    app: LoadedElmApp,
    options: RestoreOptions,
): Promise<RanRestore | undefined> {
    if (!suitsOnePass(store, [app], options)) return undefined
    const clock = new Clock()
    let load = 0
    const { kept, outlivesThrow } = options
    const starting = app.start({ outlivesThrow }).then((instance) => {
        load = clock.lap()
        return instance
    })
    // Told below, and only where the log is sound.
    starting.catch(() => undefined)
    const run = new ReplayRun(starting, { kept, outlivesThrow })
    let isOver = false
    try {
        const take = (batch: PackedRecords) => {
            if (run.hasFailed) batch.release()
            else run.applyPacked(batch)
        }
        const checked = await readInOnePass(store, take, options)
        if (checked === undefined) return undefined
        const sound = options.fromEnd === true ? soundFromEnd(checked) : await soundChain(checked, options)
        if (sound === undefined) return undefined
        const { chain, findings } = sound.target
        const instance = await starting.catch(rethrowAppError)
        const replayed = await run.end(chain)
        isOver = true
        const milliseconds = { read: 0, order: 0, load, replay: clock.lap() }
        return { ...sound, instance, replayed, unreadStart: undefined, findings, milliseconds }
    } finally {
        if (!isOver) await starting.then((instance) => instance.close()).catch(() => undefined)
    }
}

/** Whether log, options and apps are such that it can be tried. */
export function suitsOnePass(
    store: ListedStore,
    apps: readonly LoadedElmApp[],
    options: RestoreOptions,
): store is ProcessStore {
    return (
        store.more === undefined &&
        isFromGenesisToHead(store, options) &&
        apps.every((app) => isUnseen(app, options))
    )
}

/** From the initial state, with nothing to look up before: neither a reduction nor a record to end at. */
function isFromGenesisToHead(store: ProcessStore, options: RestoreOptions): boolean {
    const { fromEnd, fromGenesis, until, head } = options
    if (until !== undefined || head !== undefined) return false
    if (fromEnd === true) return fromGenesis !== true && isReadForwards(store)
    return fromGenesis === true || store.reductionFiles.size === 0
}

/** Nobody sees what the app does before the log is known to be sound: it can be as if it had not been. */
function isUnseen(app: LoadedElmApp, { onResponses, onMeasured }: RestoreOptions): boolean {
    return onResponses === undefined && onMeasured === undefined && app.isHeard !== true
}

/**
 * Reads a log to its end, and hands out what it holds before it is known to be sound. Undefined where it is
 * to be read again by the way that is always right.
 * @param take must release what it takes
 */
export async function readInOnePass(
    store: ProcessStore,
    take: (batch: PackedRecords) => void | Promise<void>,
    { signal, onProgress, activity = 'replay' }: Pick<RestoreOptions, 'signal' | 'onProgress' | 'activity'>,
): Promise<CheckedLog | undefined> {
    const steps = checkAndPack(store, {
        signal,
        onProgress: onProgress && ((progress: Progress) => onProgress({ ...progress, activity })),
    })
    for (;;) {
        const step = await steps.next()
        if (step.done === true) return step.value
        await take(step.value)
    }
}

interface SoundChain {
    readonly target: RestoreTarget
    readonly start: RestoreStart
}

/** Undefined where the walk from the end must say. */
function soundFromEnd(checked: CheckedLog): SoundChain | undefined {
    const target = wholeFromEnd(checked)
    return target && { target, start: { kind: 'initial-state', position: 0 } }
}

/**
 * The one chain of a log that was read in one pass.
 * @throws ComplogError where it has none, or its beginning is gone
 */
export async function soundChain(
    checked: CheckedLog,
    { fromGenesis }: Pick<RestoreOptions, 'fromGenesis'> = {},
): Promise<SoundChain> {
    const { chain, head: position } = await chooseChain(checked, undefined)
    const findings = [...checked.findings.list, ...checked.store.reductionFindings]
    const start = await chooseStart(checked.store, chain, { target: position, fromGenesis, findings })
    const target = { chain, position, fromEnd: false, strangers: 0, orderMilliseconds: 0, findings }
    return { target, start }
}
