// Two apps that are given the same, each in a thread of its own.
import type {
    BatchResult,
    ElmAppInstance,
    InputBatch,
    LoadedElmApp,
    PackedBatch,
} from '../elm-app/elm-app.js'
import { AppFailure, setStateKind } from '../elm-app/elm-app.js'
import { appError, rethrowAppError } from '../restore/app-errors.js'

export type Side = 'before' | 'after'

/** What came of a batch: of both, or how one of them failed. */
export type PairResult =
    | { readonly before: BatchResult; readonly after: BatchResult }
    | {
          /** The earlier one, or both where they are of the same input. */
          readonly failures: Readonly<Partial<Record<Side, AppFailure>>>
          readonly index: number
          /** Whether OLD can go on. */
          readonly hasOld: boolean
      }

/** NEW failed on what is no event of the log: its start, a state of OLD's, or writing its own. */
export class NewFailed extends Error {
    readonly failure: AppFailure

    constructor(failure: AppFailure) {
        super(failure.message, { cause: failure })
        this.failure = failure
    }
}

export class AppPair {
    readonly before: ElmAppInstance
    /** Or why it is not there. */
    #after: ElmAppInstance | AppFailure
    readonly #newApp: LoadedElmApp

    /** A NEW that fails at its start is told of when it is asked for something. */
    static async start(oldApp: LoadedElmApp, newApp: LoadedElmApp): Promise<AppPair> {
        const [before, after] = await Promise.allSettled([oldApp.start(), startNew(newApp)])
        if (before.status === 'fulfilled' && after.status === 'fulfilled')
            return new AppPair(before.value, after.value, newApp)
        if (before.status === 'fulfilled') await before.value.close()
        if (after.status === 'fulfilled' && !(after.value instanceof AppFailure)) await after.value.close()
        throw appError(before.status === 'rejected' ? before.reason : (after as PromiseRejectedResult).reason)
    }

    private constructor(before: ElmAppInstance, after: ElmAppInstance | AppFailure, newApp: LoadedElmApp) {
        this.before = before
        this.#after = after
        this.#newApp = newApp
    }

    /** @throws NewFailed where it could not be started */
    get after(): ElmAppInstance {
        if (this.#after instanceof AppFailure) throw new NewFailed(this.#after)
        return this.#after
    }

    /** Rejects with what is no failure of an app on an input. */
    async apply(batch: InputBatch | PackedBatch): Promise<PairResult> {
        const { after: newApp } = this
        const [before, after] = await Promise.allSettled([this.before.apply(batch), newApp.apply(batch)])
        if (before.status === 'fulfilled' && after.status === 'fulfilled')
            return { before: before.value, after: after.value }
        const [one, other] = [failureOf(before, rethrow), failureOf(after, rethrowNew)]
        const index = Math.min(one?.inputIndex ?? Infinity, other?.inputIndex ?? Infinity)
        // Where one failed earlier, nobody knows yet whether the other would fail as well.
        return {
            failures: {
                ...(one?.inputIndex === index && { before: one }),
                ...(other?.inputIndex === index && { after: other }),
            },
            index,
            hasOld: one === undefined,
        }
    }

    /** The states of both, as they write them. Rejects with NewFailed where NEW cannot. */
    async texts(): Promise<Readonly<Record<Side, string>>> {
        const after = this.after.serializeState().catch(rethrowNew)
        const [before, text] = await Promise.all([this.before.serializeState(), after])
        return { before, after: text }
    }

    async keep(name: number): Promise<void> {
        await Promise.all([this.before.keep(name), this.after.keep(name)])
    }

    async goOnFromKept(name: number): Promise<void> {
        await Promise.all([this.before.goOnFromKept(name), this.after.goOnFromKept(name)])
    }

    /** Gives NEW the state that OLD has; a failed NEW starts anew. Rejects with NewFailed if it refuses. */
    async giveState(isAlive = true): Promise<void> {
        const state = await this.before.serializeState()
        if (!isAlive) {
            await this.after.close()
            this.#after = await startNew(this.#newApp).catch(rethrowAppError)
        }
        await this.after.apply({ inputs: [state], kinds: Uint8Array.of(setStateKind) }).catch(rethrowNew)
    }

    async close(): Promise<void> {
        await this.before.close()
        if (!(this.#after instanceof AppFailure)) await this.#after.close()
    }
}

function startNew(app: LoadedElmApp): Promise<ElmAppInstance | AppFailure> {
    return app.start().catch((error: unknown) => {
        if (error instanceof AppFailure) return error
        throw error
    })
}

function rethrowNew(error: unknown): never {
    throw error instanceof AppFailure ? new NewFailed(error) : error
}

function rethrow(error: unknown): never {
    throw error
}

function failureOf(
    result: PromiseSettledResult<BatchResult>,
    onOther: (error: unknown) => never,
): AppFailure | undefined {
    if (result.status === 'fulfilled') return undefined
    if (result.reason instanceof AppFailure && result.reason.inputIndex >= 0) return result.reason
    return onOther(result.reason)
}
