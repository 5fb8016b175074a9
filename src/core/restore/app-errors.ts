// An app's failure, told in the words of the log: which record and which event it failed on.
import type { CompositionRecord } from '../check/chain.js'
import { shortHash } from '../composition/hash.js'
import type { ElmAppInstance, LoadedElmApp } from '../elm-app/elm-app.js'
import { AppFailure } from '../elm-app/thread/app-failure.js'
import { ComplogError, type ErrorCode } from '../errors.js'
import { excerpt } from './same-state.js'

const codes: Readonly<Record<AppFailure['kind'], ErrorCode>> = {
    threw: 'app-threw',
    'timed-out': 'app-timed-out',
    'out-of-memory': 'app-out-of-memory',
}

const hints: Readonly<Record<AppFailure['kind'], string>> = {
    threw: 'Check that this is the app that wrote the log, in the right version.',
    'timed-out': 'If the app needs longer, raise --event-timeout.',
    'out-of-memory': 'If the app needs more memory, raise --app-heap.',
}

const shownCharactersMax = 200

/** The app failed on what a record holds. */
export class FailedOnRecord extends ComplogError {
    readonly failure: AppFailure
    readonly record: CompositionRecord
    /** Index into the record's events; -1 for the state that it sets. */
    readonly eventIndex: number

    constructor(
        message: string,
        failure: AppFailure,
        { record, eventIndex }: { record: CompositionRecord; eventIndex: number },
    ) {
        super(codes[failure.kind], message, {
            hint: hints[failure.kind],
            cause: failure,
            place: record.place,
        })
        this.failure = failure
        this.record = record
        this.eventIndex = eventIndex
    }
}

/** Passes on everything that is no failure of the app. */
export function appError(failure: AppFailure): ComplogError
export function appError(error: unknown, input?: { record: CompositionRecord; eventIndex: number }): unknown
export function appError(error: unknown, input?: { record: CompositionRecord; eventIndex: number }): unknown {
    if (!(error instanceof AppFailure)) return error
    const message = /[.!?]$/.test(error.message) ? error.message : `${error.message}.`
    if (input === undefined || error.inputIndex < 0)
        return new ComplogError(codes[error.kind], message, { hint: hints[error.kind], cause: error })
    const { record, eventIndex } = input
    const what =
        eventIndex < 0
            ? 'while it set the state'
            : `at event ${eventIndex + 1} of ${record.events.length}, ${excerpt(record.events[eventIndex] ?? '', 0, shownCharactersMax)}`
    const where = `In record #${record.position} (${shortHash(record.hash)}…), ${what}.`
    return new FailedOnRecord(`${message} ${where}`, error, input)
}

export function rethrowAppError(error: unknown): never {
    throw appError(error)
}

/** Runs an app for the time of some work. */
export async function withInstance<T>(
    app: LoadedElmApp,
    work: (instance: ElmAppInstance) => Promise<T>,
): Promise<T> {
    const instance = await app.start().catch(rethrowAppError)
    return work(instance).finally(() => instance.close())
}
