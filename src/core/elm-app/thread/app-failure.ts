// An app that fails on an input is news about that input, and only the caller knows which record it came
// from. So this carries the input's index, and the caller turns it into a ComplogError with a place.

/** What the app was doing when it failed. */
export type AppPhase = 'start' | 'event' | 'set-state' | 'serialize'

/** How an app failed. */
export type AppFailureKind = 'threw' | 'timed-out' | 'out-of-memory'

/** What is known of a failure of an app. */
export interface AppFailureDetails {
    readonly kind: AppFailureKind
    readonly during: AppPhase
    /** Index into the batch's inputs, or -1 outside of a batch. */
    readonly inputIndex: number
    /** What happened, to follow "while it ...", such as the app's own message. */
    readonly reason: string
}

const phaseTexts: Readonly<Record<AppPhase, string>> = {
    start: 'while it started',
    event: 'while it processed an event',
    'set-state': 'while it deserialised a state',
    serialize: 'while it serialised a state',
}

const kindTexts: Readonly<Record<AppFailureKind, string>> = {
    threw: 'The app failed',
    'timed-out': 'The app ran out of time',
    'out-of-memory': 'The app ran out of memory',
}

/** The app failed while it worked on an input. The instance is closed from then on. */
export class AppFailure extends Error {
    override readonly name = 'AppFailure'
    readonly kind: AppFailureKind
    readonly during: AppPhase
    /** Index into the batch's inputs, or -1 outside of a batch. */
    readonly inputIndex: number

    constructor(details: AppFailureDetails) {
        super(`${kindTexts[details.kind]} ${phaseTexts[details.during]}: ${details.reason}`)
        this.kind = details.kind
        this.during = details.during
        this.inputIndex = details.inputIndex
    }
}
