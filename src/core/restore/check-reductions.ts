// Whether every reduction is what replay says it should be, and whether the app understands the events. The
// links of the chain cannot show that: a reduction is not hashed by anything.
import { lastSetState } from '../check/chain.js'
import type { CheckedStore } from '../check/check-store.js'
import type { Finding } from '../composition/finding.js'
import { genesis } from '../composition/hash.js'
import type { ElmAppInstance, LoadedElmApp } from '../elm-app/elm-app.js'
import type { WorkOptions } from '../progress.js'
import { isFinding, readReduction } from '../store/process-store.js'
import { newestAccepted, noteOfAppBefore } from './accepted-changes.js'
import { withInstance } from './app-errors.js'
import { replay } from './replay.js'
import type { ReplayedBehindSetState } from './replay-run.js'
import { enterStart, judgeReduction, unreadSetState } from './start.js'

/** What replay says of the reductions of a store. */
export interface ReductionsChecked {
    /** Reductions whose value replay gave as well. */
    readonly proven: number
    /** Reductions that nothing older can prove: the one that a truncated log starts from. */
    readonly unproven: number
    readonly findings: readonly Finding[]
    /** What was replayed behind the last state that the log sets; absent where nothing could be replayed. */
    readonly events?: ReplayedBehindSetState
}

/**
 * Replays the chain once to its head and compares at each reduction; and looks whether the state that a host
 * would start from survives being read and written by the app. A chain with gaps is not replayed: nothing is
 * proven.
 */
export async function checkReductionsByReplay(
    checked: CheckedStore,
    app: LoadedElmApp,
    options: WorkOptions = {},
): Promise<ReductionsChecked> {
    const { usableReductions, isOneChain, longest } = checked
    const newest = Math.max(0, ...usableReductions.values())
    const behind = { from: newest + 1, to: longest.length }
    const maySet = isOneChain && checked.counts.setStates > 0
    // What is behind the newest reduction goes back to this, and to no reduction.
    const setState = maySet ? await lastSetState(longest, behind, options) : undefined
    if (!isOneChain || checked.counts.records === 0)
        return { proven: 0, unproven: usableReductions.size, findings: [] }
    return withInstance(app, async (instance) => {
        const startPosition = setState === undefined ? newest : Infinity
        const done = await replayAndCompare(checked, instance, { ...options, startPosition })
        const unread = setState && (await unreadSetState(instance, setState))
        return unread === undefined ? done : { ...done, findings: [...done.findings, unread] }
    })
}

/** @param startPosition of the reduction that a host would start from */
async function replayAndCompare(
    { longest, usableReductions, store, index }: CheckedStore,
    instance: ElmAppInstance,
    { startPosition, ...options }: WorkOptions & { readonly startPosition: number },
): Promise<ReductionsChecked> {
    // Behind what was never written, nothing but the reduction itself gives the state.
    const given = new Set(index?.diagnosis.holes.map((row) => longest.reduced.get(index.table.hash(row))))
    const all = [...usableReductions.values()].sort((a, b) => a - b)
    const stops = all.filter((position) => !given.has(position) || position === 1)
    const [first] = stops
    const findings: Finding[] = []
    const { root } = store.layout
    const accepted = root === undefined ? undefined : await newestAccepted(root, longest)
    const add = (found: Finding, position: number) => {
        findings.push(
            accepted !== undefined && position < accepted.position ? noteOfAppBefore(found, accepted) : found,
        )
    }
    let from = 1
    let unproven = all.length - stops.length
    if (longest.oldestParent !== genesis) {
        if (first === undefined) return { proven: 0, unproven: 0, findings }
        const hash = [...usableReductions].find(([, position]) => position === first)?.[0]
        const reduction = hash && (await readReduction(store, hash))
        if (reduction === undefined || isFinding(reduction)) {
            return { proven: 0, unproven: all.length, findings }
        }
        const unread = await enterStart(instance, { kind: 'reduction', position: first, reduction })
        if (unread) add(first === startPosition ? { ...unread, severity: 'error' } : unread, first)
        from = first + 1
        unproven += 1
    }
    let proven = 0
    const { behindSetState } = await replay(longest, instance, {
        ...options,
        from,
        to: longest.length,
        activity: 'check-reductions',
        stops: stops.filter((position) => position >= from),
        onStop: async ({ hash, position }) => {
            const reduction = await readReduction(store, hash)
            if (reduction === undefined || isFinding(reduction)) return
            const isStart = position === startPosition
            const reachesGenesis = longest.oldestParent === genesis
            const judged = await judgeReduction(instance, reduction, { isStart, reachesGenesis })
            if (judged.isProven) proven += 1
            for (const found of judged.findings) add(found, position)
        },
    })
    return { proven, unproven, findings, events: behindSetState }
}
