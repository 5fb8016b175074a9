// A new store as complog reads it: it must say what it was made of, and nothing may be wrong with it.
import { checkStore } from '../check/check-store.js'
import type { Findings } from '../composition/findings.js'
import type { CompositionHash } from '../composition/hash.js'
import { withElmJsonOnTop } from '../elm-app/source/whole-app.js'
import { deployedApp, filesOfApp } from '../later/deployed-app.js'
import { givenState } from '../later/given-state.js'
import type { ValueHash } from '../later/value.js'
import { verifyLater } from '../later/verify-later.js'
import { isFinding, openProcessStore, readReduction } from '../store/process-store.js'
import { type LaterStore, laterStoreAt } from '../store/recognise.js'

/** What a store was made of. */
export interface Made {
    readonly head: CompositionHash | ValueHash
    readonly state: string
    /** Absent where the store keeps none. */
    readonly app: ReadonlyMap<string, Uint8Array> | undefined
}

/** Throws where a store is not sound, or does not give what it was made of: a bug of complog's. */
export async function assertHolds(root: string, made: Made): Promise<void> {
    const later = laterStoreAt(root)
    const problem = await (later === undefined ? kalmitProblem(root, made) : laterProblem(later, made))
    if (problem !== undefined)
        throw new Error(`The new store in ${root} is not what it should be: ${problem}.`)
}

async function kalmitProblem(root: string, { head, state }: Made): Promise<string | undefined> {
    const store = await openProcessStore(root)
    const { findings } = await checkStore(store, { expectHead: head as CompositionHash })
    const reduction = await readReduction(store, head as CompositionHash)
    const holdsState = reduction !== undefined && !isFinding(reduction) && reduction.value === state
    return firstOf(findings) ?? (holdsState ? undefined : 'it gives another state')
}

async function laterProblem(store: LaterStore, { head, state, app }: Made): Promise<string | undefined> {
    const verified = await verifyLater(store, { expectHead: head as ValueHash })
    const given = givenState(verified)
    if (given.state !== state || given.format !== 'text') return 'it gives another state'
    const read = withElmJsonOnTop(filesOfApp(verified.values, deployedApp(verified).app), 'the app')
    const isSame = ([path, bytes]: readonly [string, Uint8Array]) =>
        Buffer.compare(bytes, read.get(path) ?? new Uint8Array(0)) === 0
    const holdsApp = app !== undefined && app.size === read.size && [...app].every(isSame)
    return firstOf(verified.findings) ?? (holdsApp ? undefined : 'it gives another app')
}

function firstOf({ list }: Findings): string | undefined {
    return list[0] && `${list[0].id}, ${list[0].message}`
}
