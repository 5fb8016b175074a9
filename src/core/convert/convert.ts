// Entrance of core/convert/: old stores on newer hosts. In come a store, a form of stores (`targets.ts`), and
// an app where the hosts of that form want another one; out comes a new store of that form, on which a host
// starts in the state that the old one has.
//
// The new store holds one record that sets the state, behind one that deploys the app where hosts keep it.
// All is made in memory and checked before the first file is written; and read again behind the last.
import { checkStore } from '../check/check-store.js'
import type { Findings } from '../composition/findings.js'
import { type CompositionHash, genesis, hashOfLine } from '../composition/hash.js'
import { serializeRecord } from '../composition/serialize-record.js'
import { AppFailure } from '../elm-app/elm-app.js'
import { withElmJsonOnTop } from '../elm-app/source/whole-app.js'
import { ComplogError } from '../errors.js'
import { deployedApp, filesOfApp } from '../later/contents/deployed-app.js'
import { givenState } from '../later/contents/given-state.js'
import { isStateText } from '../later/contents/state-json.js'
import { newLaterStore, type StoreInFiles } from '../later/new-store.js'
import type { ValueHash } from '../later/values/value.js'
import { verifyLater } from '../later/verify-later.js'
import { serializeReduction } from '../reduction/reduction.js'
import { loadFiles, unreadState } from '../restore/later/restore-later.js'
import { refuseFilled, writeNewFolder } from '../rewrite/new-folder.js'
import { refuseStore, refuseWithin } from '../rewrite/outside-store.js'
import {
    type AnyStore,
    isFinding,
    isLater,
    openAnyStore,
    type ProcessStore,
    readReduction,
} from '../store/process-store.js'
import type { LaterStore } from '../store/recognise.js'
import { type SourceOptions, type SourceState, sourceState } from './source-state.js'
import type { Target } from './targets.js'

/** What a store becomes, and where. */
export interface ConvertOptions extends SourceOptions {
    readonly target: Target
    /** A folder that is new or empty. */
    readonly output: string
    /** The app of the new store, `elm.json` at the top; default: the one that the old store keeps. */
    readonly app?: ReadonlyMap<string, Uint8Array> | undefined
    /** Also where the new app reads the state as another one than the old app wrote. */
    readonly acceptStateChange?: boolean | undefined
    /** Names the log file; default: now. */
    readonly time?: Date | undefined
}

/** A new store, and what it was made of. */
export interface Converted extends Omit<SourceState, 'app'> {
    readonly head: CompositionHash | ValueHash
    readonly records: number
    readonly files: number
    /** How many files the app has; null where the new store keeps none. */
    readonly appFiles: number | null
}

/**
 * Writes a new store.
 * @throws ComplogError `output-not-empty`; `state-not-understood`; `usage` where the app is not one of the
 * target's hosts, or the state not one that they keep; what `sourceState` throws, `file-system`,
 * `store-locked`
 */
export async function convert(source: AnyStore, options: ConvertOptions): Promise<Converted> {
    const { output, target, time = new Date() } = options
    if (isLater(source)) await refuseWithin(source.root, output, '--output')
    else await refuseStore(source, output, '--output')
    await refuseFilled(output)
    const { app: kept, ...found } = await sourceState(source, options)
    const app = target.form.kept && appOf(target, options.app ?? kept)
    const made: StoreInFiles<CompositionHash | ValueHash> =
        app === undefined
            ? newKalmitStore(target, found.state, time)
            : newLaterStore({ ...target, state: textOf(target, found.state), app, time })
    const untried = app === undefined ? [] : await tryState(app, found.state, options)
    options.signal?.throwIfAborted()
    const prove = (root: string) => assertHolds(root, { ...made, state: found.state, app })
    await writeNewFolder({ output, command: 'convert', files: made.files, prove })
    return {
        ...found,
        notes: [...found.notes, ...untried],
        head: made.head,
        records: made.records,
        files: made.files.size,
        appFiles: app?.size ?? null,
    }
}

/** @throws ComplogError `usage` where hosts of the target would not start it */
function appOf({ form }: Target, files: ReadonlyMap<string, Uint8Array> | undefined) {
    const hint = 'Name the app of the new store with --app: the folder with its elm.json, or a zip of it.'
    if (files === undefined) {
        const message = `Hosts ${form.hosts} keep the app in the store, and the old store has none.`
        throw new ComplogError('usage', message, { hint })
    }
    const app = withElmJsonOnTop(files, 'the app')
    const sources = [...app].filter(([path]) => path.endsWith('.elm'))
    const texts = sources.map(([, bytes]) => Buffer.from(bytes).toString('utf8'))
    const { wanted = '', patterns = [] } = form.kept?.app ?? {}
    if (patterns.every((pattern) => texts.some((text) => pattern.test(text)))) return app
    throw new ComplogError(
        'usage',
        `Hosts ${form.hosts} look for ${wanted} in the app, and its sources have no such thing.`,
        { hint },
    )
}

/**
 * What the host will make of the state, as far as the app can be run as it stands.
 * @returns sentences for where it could not be tried, or is accepted
 * @throws ComplogError `state-not-understood`
 */
async function tryState(
    files: ReadonlyMap<string, Uint8Array>,
    state: string,
    { target, load = loadFiles, acceptStateChange = false }: ConvertOptions,
): Promise<readonly string[]> {
    if (target.form.kept?.app.isWhole !== true) return []
    let unread: string | undefined
    try {
        const instance = await (await load(files, 'the new app')).start()
        try {
            unread = await unreadState(instance, state)
        } finally {
            await instance.close()
        }
    } catch (error) {
        // Hosts had packages and functions that are not here.
        const isOfApp =
            error instanceof AppFailure || (error instanceof ComplogError && /^app-/.test(error.code))
        if (isOfApp) return [`The new app was not tried with the state. ${error.message}`]
        throw error
    }
    if (unread === undefined) return []
    const message = `The new app does not read the state as it was written: ${unread}`
    if (acceptStateChange) return [message]
    throw new ComplogError('state-not-understood', message, {
        hint: 'Take the version of the app that wrote it, or --accept-state-change if that is meant.',
    })
}

/** @throws ComplogError `usage` where nobody could tell it from a value of the engine */
function textOf({ generation }: Target, state: string): string {
    if (generation.order !== 'files' || isStateText({ kind: 'blob', bytes: Buffer.from(state) })) return state
    throw new ComplogError(
        'usage',
        'The state is a text that looks like a value of later hosts: nobody could tell which it is.',
    )
}

function newKalmitStore({ generation }: Target, state: string, time: Date): StoreInFiles<CompositionHash> {
    const line = serializeRecord({ parentHash: genesis, setState: state })
    const head = hashOfLine(line)
    const logFile = `${generation.logFolder ?? ''}/${generation.writer.logFileAt?.(time) ?? ''}`
    const files = new Map([
        [`reduction/${head}`, serializeReduction({ hash: head, value: state })],
        [logFile, Buffer.concat([line, Buffer.from('\n')])],
    ])
    return { files, head, records: 1 }
}

// A new store as complog reads it: it must say what it was made of, and nothing may be wrong with it.

interface Made {
    readonly head: CompositionHash | ValueHash
    readonly state: string
    /** Absent where the store keeps none. */
    readonly app: ReadonlyMap<string, Uint8Array> | undefined
}

/** Throws where a store is not sound, or does not give what it was made of: a bug of complog's. */
async function assertHolds(root: string, made: Made): Promise<void> {
    const store = await openAnyStore(root)
    const problem = await (isLater(store) ? laterProblem(store, made) : kalmitProblem(store, made))
    if (problem !== undefined)
        throw new Error(`The new store in ${root} is not what it should be: ${problem}.`)
}

async function kalmitProblem(store: ProcessStore, { head, state }: Made): Promise<string | undefined> {
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
