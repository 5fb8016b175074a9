// What one record did to the app: restored to the record before it, then fed with that one.
import { type Chain, type CompositionRecord, recordAt } from '../check/chain.js'
import type { Finding } from '../composition/finding.js'
import type { ElmAppInstance, LoadedElmApp } from '../elm-app/elm-app.js'
import { ComplogError } from '../errors.js'
import type { WorkOptions } from '../progress.js'
import type { ListedStore } from '../store/process-store.js'
import { appError, rethrowAppError } from './app-errors.js'
import { replay } from './replay.js'
import type { RestoreTarget } from './restore-target.js'
import { chooseStart, enterStart, type RestoreStart, type StartChoice } from './start.js'

/** What a record did, as far as the log still has what it was done to. */
export interface KnownEffect {
    readonly record: CompositionRecord
    /**
     * The serialised state before it; absent for the oldest record of a truncated log, of which only the
     * state after it is there.
     */
    readonly before?: string
    readonly after: string
    /** One an event; absent where `before` is. */
    readonly responses?: readonly string[]
    /** What was noticed of reductions on the way. */
    readonly findings: readonly Finding[]
}

/**
 * Feeds a record to an app in the state before it.
 * @throws ComplogError as `restore` does
 */
export async function effectOfRecord(
    store: ListedStore,
    app: LoadedElmApp,
    { chain, position }: Pick<RestoreTarget, 'chain' | 'position'>,
    options: WorkOptions = {},
): Promise<KnownEffect> {
    const findings: Finding[] = []
    const onFinding = (found: Finding) => void findings.push(found)
    const start = await startBefore(store, chain, { target: position, onFinding })
    const record = await recordAt(chain, position, options)
    const instance = await app.start().catch(rethrowAppError)
    try {
        const unread = await enterStart(instance, start)
        if (unread !== undefined) findings.push(unread)
        if (start.position === position) return { record, after: await serialized(instance), findings }
        await replay(chain, instance, { from: start.position + 1, to: position - 1 }, options)
        const before = await serialized(instance)
        const responses: string[] = []
        const onResponses = (some: readonly string[]) => void responses.push(...some)
        await replay(
            chain,
            instance,
            { from: position, to: position },
            { signal: options.signal, onResponses },
        )
        return { record, before, after: await serialized(instance), responses, findings }
    } finally {
        await instance.close()
    }
}

/** From before the record, if that can be. */
async function startBefore(store: ListedStore, chain: Chain, choice: StartChoice): Promise<RestoreStart> {
    try {
        return await chooseStart(store, chain, { ...choice, target: choice.target - 1 })
    } catch (error) {
        if (!(error instanceof ComplogError) || error.code !== 'no-reduction') throw error
        return chooseStart(store, chain, choice)
    }
}

async function serialized(instance: ElmAppInstance): Promise<string> {
    try {
        return await instance.serializeState()
    } catch (error) {
        throw appError(error)
    }
}
