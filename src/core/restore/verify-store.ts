// The whole answer to "is this store sound?": the log and the reductions, and with an app what replay says of
// them.
import { type CheckedStore, type CheckStoreOptions, checkStore } from '../check/check-store.js'
import type { LoadedElmApp } from '../elm-app/elm-app.js'
import type { ProcessStore } from '../store/process-store.js'
import { findingsBeside } from '../store/recognise.js'
import { checkReductionsByReplay, type ReductionsChecked } from './check-reductions.js'

/** What a store is verified against. */
export interface VerifyOptions extends CheckStoreOptions {
    /** The app that wrote the log: every reduction is then compared with what replay gives. */
    readonly app?: LoadedElmApp | undefined
}

/** A checked store, with the verdict. */
export interface VerifiedStore extends CheckedStore {
    /** True where there is no finding of severity error. */
    readonly isSound: boolean
    /** What replay said of the reductions; null without an app. */
    readonly reductionsByReplay: ReductionsChecked | null
}

/** Checks everything that can be checked. Goes on past errors: they are findings. */
export async function verifyStore(store: ProcessStore, options: VerifyOptions = {}): Promise<VerifiedStore> {
    const checked = await checkStore(store, { ...options, pastUnreadable: true })
    const reductionsByReplay =
        options.app === undefined ? null : await checkReductionsByReplay(checked, options.app, options)
    const { root } = store.layout
    const findings = checked.findings
        .plus(reductionsByReplay?.findings ?? [])
        .plus(root === undefined ? [] : findingsBeside(root))
    return { ...checked, findings, isSound: findings.counts.error === 0, reductionsByReplay }
}
