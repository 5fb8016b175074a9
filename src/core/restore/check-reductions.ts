// Whether every reduction is what replay says it should be. The links of the chain cannot show that: a reduction is
// not hashed by anything.
import type { CheckedStore } from '../check/check-store.js'
import { type Finding, finding } from '../composition/finding.js'
import { type CompositionHash, genesis, shortHash } from '../composition/hash.js'
import type { LoadedElmApp } from '../elm-app/elm-app.js'
import type { WorkOptions } from '../progress.js'
import { isFinding, readReduction } from '../store/process-store.js'
import { rethrowAppError } from './app-errors.js'
import { replay } from './replay.js'
import { enterStart, notRoundTrip } from './start.js'

/** What replay says of the reductions of a store. */
export interface ReductionsChecked {
    /** Reductions whose value replay gave as well. */
    readonly proven: number
    /** Reductions that nothing older can prove: the one that a truncated log starts from. */
    readonly unproven: number
    readonly findings: readonly Finding[]
}

/** Replays the chain once and compares at each reduction. A chain with gaps is not replayed: nothing is proven. */
export async function checkReductionsByReplay(
    checked: CheckedStore,
    app: LoadedElmApp,
    options: WorkOptions = {},
): Promise<ReductionsChecked> {
    const { longest, usableReductions, store } = checked
    const stops = [...usableReductions.values()].sort((a, b) => a - b)
    const hashAt = new Map([...usableReductions].map(([hash, position]) => [position, hash]))
    const findings: Finding[] = []
    const last = stops.at(-1)
    if (last === undefined || !checked.isOneChain)
        return { proven: 0, unproven: usableReductions.size, findings }

    const instance = await app.start().catch(rethrowAppError)
    try {
        let from = 1
        let unproven = 0
        if (longest.oldestParent !== genesis) {
            const [first] = stops
            const reduction = await readReduction(store, hashAt.get(first as number) as CompositionHash)
            if (first === undefined || reduction === undefined || isFinding(reduction)) {
                return { proven: 0, unproven: stops.length, findings }
            }
            await enterStart(instance, { kind: 'reduction', position: first, reduction }, (found) =>
                findings.push(found),
            )
            from = first + 1
            unproven = 1
        }
        let proven = 0
        await replay(longest, instance, from, last, {
            ...options,
            activity: 'check-reductions',
            stops: stops.filter((position) => position >= from),
            onStop: async ({ hash }) => {
                const reduction = await readReduction(store, hash)
                if (reduction === undefined || isFinding(reduction)) return
                const state = await instance.serializeState()
                if (state === reduction.value) proven += 1
                else if ((await instance.roundTrip(reduction.value)) === state)
                    findings.push(notRoundTrip(hash))
                else findings.push(differs(hash, state, reduction.value, longest.oldestParent === genesis))
            },
        })
        return { proven, unproven, findings }
    } finally {
        await instance.close()
    }
}

function differs(hash: CompositionHash, replayed: string, stored: string, reachesGenesis: boolean): Finding {
    // Not from an older reduction, where that can be: it may be as wrong as this one.
    const from = reachesGenesis ? ' --from-genesis' : ''
    return finding(
        'reduction-differs',
        `The reduction of ${shortHash(hash)}… is ${excerpt(stored)}; replay gives ${excerpt(replayed)}.`,
        {
            hash,
            place: { file: `reduction/${hash}`, offsetBytes: 0, sizeBytes: 0 },
            moreHelp: `\`complog reduce --replace --at ${shortHash(hash)}${from}\` does.`,
        },
    )
}

function excerpt(text: string): string {
    const shown = JSON.stringify(text.slice(0, 60))
    return text.length > 60 ? `${shown}… (${text.length} characters)` : shown
}
