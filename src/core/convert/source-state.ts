// The state that a new store begins with: what the old store, or an app that replays it, gives.
import type { CompositionHash } from '../composition/hash.js'
import { refuseLoneSurrogate } from '../composition/record.js'
import type { Ref } from '../composition/ref.js'
import type { LoadedElmApp } from '../elm-app/elm-app.js'
import { ComplogError } from '../errors.js'
import { deployedAppIfKnown, filesOfApp } from '../later/contents/deployed-app.js'
import { rowAt } from '../later/contents/row-at.js'
import type { ValueHash } from '../later/values/value.js'
import { type VerifiedLater, verifyLater } from '../later/verify-later.js'
import type { WorkOptions } from '../progress.js'
import { type RestoreLaterOptions, restoreLater } from '../restore/later/restore-later.js'
import { restore } from '../restore/restore.js'
import { type AnyStore, isLater, type ProcessStore } from '../store/process-store.js'
import { mayComeOfCut, readUncut } from '../store/read-uncut.js'
import type { LaterStore } from '../store/recognise.js'

/** Which state of the old store. */
export interface SourceOptions extends WorkOptions {
    /** The record after which the app was in that state; default: the newest. */
    readonly until?: Ref | undefined
    /** The record that counts as the head, where a log of Kalmit leaves a choice. */
    readonly head?: Ref | undefined
    /** The state itself, where somebody else has it: then the store is not asked for it. */
    readonly state?: string | undefined
    /** Replays the log. Of a later store by default: its own app, where something must be replayed. */
    readonly replayApp?: LoadedElmApp | undefined
    readonly load?: RestoreLaterOptions['load']
}

/** A state, and what of the old store does not come along with it. */
export interface SourceState {
    readonly state: string
    readonly given: 'reduction' | 'set-state' | 'replay' | 'file'
    /** After which record; null where the state was given beside the store. */
    readonly hash: CompositionHash | ValueHash | null
    /** The files of the app that ran there, where the store keeps them. */
    readonly app: ReadonlyMap<string, Uint8Array> | undefined
    /** What the old store has and the new one will not. */
    readonly left: {
        /** Null where nobody counted them. */
        readonly records: number | null
        readonly reductions: number
    }
    /** What a person should know of it, as sentences. */
    readonly notes: readonly string[]
}

/**
 * @throws ComplogError `usage` where an app is wanted, `error-findings` where the store is damaged,
 * `no-reduction`, `state-not-understood`, and what `restore`, `restoreLater` and `filesOfApp` throw
 */
export async function sourceState(store: AnyStore, options: SourceOptions): Promise<SourceState> {
    const found = isLater(store) ? await ofLater(store, options) : await ofKalmit(store, options)
    refuseLoneSurrogate(found.state)
    return found
}

async function ofKalmit(opened: ProcessStore, options: SourceOptions): Promise<SourceState> {
    const { state, replayApp: app } = options
    const reductions = opened.reductionFiles.size
    if (state !== undefined) return { state, ...ofFile, app: undefined, left: { records: null, reductions } }
    if (app === undefined) {
        throw new ComplogError('usage', 'Which app? Only the app that wrote the log can restore its state.', {
            hint: 'Name it with --app, or with --replay-app where the new store is to have another one.',
        })
    }
    const restored = await readUncut(opened, (store) => restore(store, app, options), {
        isSuspect: ({ findings }) => mayComeOfCut(findings),
    })
    if (restored.unreadState !== null) {
        throw new ComplogError('state-not-understood', restored.unreadState.message, {
            place: restored.unreadState.place,
            hint: otherVersion,
        })
    }
    return {
        state: restored.state,
        given: 'replay',
        hash: restored.hash,
        app: undefined,
        left: { records: restored.position ?? 0, reductions },
        notes: notUnderstood(restored.decodeErrors),
    }
}

const ofFile = { given: 'file', hash: null, notes: [] } as const
const otherVersion = 'Name the version of the app that wrote it.'

function notUnderstood(events: number): readonly string[] {
    return events > 0 ? [`The app did not understand ${events} of the events.`] : []
}

async function ofLater(store: LaterStore, options: SourceOptions): Promise<SourceState> {
    const verified = await verifyLater(store, options)
    const left = { records: verified.records, reductions: verified.reductions.files }
    const { state: own } = options
    if (own !== undefined) return { state: own, ...ofFile, app: appOf(verified, options), left }
    refuseDamaged(verified)
    const restored = await restoreLater(verified, { ...options, app: options.replayApp })
    const { state, given, hash, ambiguous, events, decodeErrors, unread } = restored
    if (unread !== undefined) throw new ComplogError('state-not-understood', unread, { hint: otherVersion })
    return {
        state,
        given: events > 0 || given.kind === 'deployment' ? 'replay' : given.kind,
        hash,
        app: appOf(verified, options),
        left,
        notes: [...ambiguous, ...notUnderstood(decodeErrors)],
    }
}

function refuseDamaged({ findings }: VerifiedLater): void {
    const first = findings.list.find(({ severity }) => severity === 'error')
    if (first === undefined) return
    throw new ComplogError('error-findings', `The store is damaged: ${first.message}`, {
        place: first.place,
        hint: 'Run `complog verify-chain` for all findings. What `complog replay` prints, or the old host shows, is taken with --state.',
    })
}

/** Where nothing says which app ran, one must be given. */
function appOf(verified: VerifiedLater, { until = { kind: 'head' } }: SourceOptions): SourceState['app'] {
    const deployed = deployedAppIfKnown(verified, rowAt(verified, until))
    return deployed && filesOfApp(verified.values, deployed.app)
}
