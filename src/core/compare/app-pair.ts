// Two apps that are given the same, each in a thread of its own.
import type {
    BatchResult,
    ElmAppInstance,
    InputBatch,
    LoadedElmApp,
    PackedBatch,
} from '../elm-app/elm-app.js'
import { AppFailure, setStateKind } from '../elm-app/elm-app.js'
import { rethrowAppError } from '../restore/app-errors.js'

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

export class AppPair {
    readonly before: ElmAppInstance
    after: ElmAppInstance
    readonly #newApp: LoadedElmApp

    static async start(oldApp: LoadedElmApp, newApp: LoadedElmApp): Promise<AppPair> {
        const before = await oldApp.start().catch(rethrowAppError)
        try {
            return new AppPair(before, await newApp.start().catch(rethrowAppError), newApp)
        } catch (error) {
            await before.close()
            throw error
        }
    }

    private constructor(before: ElmAppInstance, after: ElmAppInstance, newApp: LoadedElmApp) {
        this.before = before
        this.after = after
        this.#newApp = newApp
    }

    /** Rejects with what is no failure of an app. */
    async apply(batch: InputBatch | PackedBatch): Promise<PairResult> {
        const [before, after] = await Promise.allSettled([this.before.apply(batch), this.after.apply(batch)])
        if (before.status === 'fulfilled' && after.status === 'fulfilled')
            return { before: before.value, after: after.value }
        const [one, other] = [failureOf(before), failureOf(after)]
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

    async texts(): Promise<Readonly<Record<Side, string>>> {
        const [before, after] = await Promise.all([this.before.serializeState(), this.after.serializeState()])
        return { before, after }
    }

    async keep(name: number): Promise<void> {
        await Promise.all([this.before.keep(name), this.after.keep(name)])
    }

    async goOnFromKept(name: number): Promise<void> {
        await Promise.all([this.before.goOnFromKept(name), this.after.goOnFromKept(name)])
    }

    /** Gives NEW a state; a NEW that failed is started anew. */
    async setAfter(state: string, isAlive: boolean): Promise<void> {
        if (!isAlive) {
            await this.after.close()
            this.after = await this.#newApp.start().catch(rethrowAppError)
        }
        await this.after.apply({ inputs: [state], kinds: Uint8Array.of(setStateKind) })
    }

    async close(): Promise<void> {
        await Promise.all([this.before.close(), this.after.close()])
    }
}

function failureOf(result: PromiseSettledResult<BatchResult>): AppFailure | undefined {
    if (result.status === 'fulfilled') return undefined
    if (result.reason instanceof AppFailure && result.reason.inputIndex >= 0) return result.reason
    throw result.reason
}
