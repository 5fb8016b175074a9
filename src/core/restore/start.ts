// Where a restore starts: from the newest reduction at or before the target, or from the app's initial state.
import type { Chain } from '../check/chain.js'
import { type Finding, finding } from '../composition/finding.js'
import { type CompositionHash, genesis, shortHash } from '../composition/hash.js'
import type { ElmAppInstance } from '../elm-app/elm-app.js'
import { ComplogError } from '../errors.js'
import type { Reduction } from '../reduction/reduction.js'
import { type ProcessStore, isFinding, readReduction } from '../store/process-store.js'
import { appError } from './app-errors.js'

export type RestoreStart =
    | { readonly kind: 'initial-state'; readonly position: 0 }
    | { readonly kind: 'reduction'; readonly position: number; readonly reduction: Reduction }

export interface StartChoice {
    /** Position of the record to restore; only reductions at or before it can help. */
    readonly target: number
    /** Ignore reductions. */
    readonly fromGenesis?: boolean | undefined
    /** Ignore reductions from this position on: they are what is to be proven. */
    readonly before?: number | undefined
    /** Takes what is wrong with reductions that were passed over. */
    readonly onFinding: (finding: Finding) => void
}

/** @throws ComplogError `no-reduction` where the log was truncated and no reduction covers the target */
export async function chooseStart(
    store: ProcessStore,
    chain: Chain,
    choice: StartChoice,
): Promise<RestoreStart> {
    if (choice.fromGenesis !== true) {
        const candidates = [...chain.reduced]
            .filter(([, position]) => position <= choice.target && position < (choice.before ?? Infinity))
            .sort(([, a], [, b]) => b - a)
        for (const [hash, position] of candidates) {
            const reduction = await readReduction(store, hash)
            if (reduction === undefined) continue
            if (!isFinding(reduction)) return { kind: 'reduction', position, reduction }
            choice.onFinding(reduction)
        }
    }
    if (chain.oldestParent === genesis) return { kind: 'initial-state', position: 0 }
    throw new ComplogError(
        'no-reduction',
        choice.fromGenesis === true
            ? `The log was truncated: its oldest record names the parent ${shortHash(chain.oldestParent)}…, which is not there.`
            : `Nothing to start from: the oldest record names the parent ${shortHash(chain.oldestParent)}…, which is not there, and no reduction at or before the target can be used.`,
        {
            hint:
                choice.fromGenesis === true
                    ? 'Restore without --from-genesis, or use an archive that has the older records.'
                    : 'Restore the older records or a reduction from a backup or an archive.',
        },
    )
}

/** Brings a fresh instance into the state to start from. */
export async function enterStart(
    instance: ElmAppInstance,
    start: RestoreStart,
    onFinding: (finding: Finding) => void,
): Promise<void> {
    if (start.kind === 'initial-state') return
    const { hash, value } = start.reduction
    try {
        await instance.apply({ inputs: [value], kinds: Uint8Array.of(1) })
        if ((await instance.serializeState()) !== value) onFinding(notRoundTrip(hash))
    } catch (error) {
        throw appError(error)
    }
}

export function notRoundTrip(hash: CompositionHash): Finding {
    return finding(
        'reduction-not-round-trip',
        "The reduction's value changes when the app reads it and writes it again.",
        { hash, place: { file: `reduction/${hash}`, offsetBytes: 0, sizeBytes: 0 } },
    )
}
