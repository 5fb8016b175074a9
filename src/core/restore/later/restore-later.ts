// Entrance of core/restore/later/: stores of 2020-05 and later, replayed. In come what was read of one and
// an app; out come the state (here), and what is wrong with its reductions (`check-later-reductions.ts`).
//
// The state of a store of 2020-05 or later by replay: its own app, or another one with the functions of the
// same names, takes the events behind the newest state that the store gives.
import { listOfHeads } from '../../composition/chain/heads.js'
import type { Finding, FindingId } from '../../composition/finding.js'
import type { Ref } from '../../composition/ref.js'
import { type ElmAppInstance, type LoadedElmApp, setStateKind } from '../../elm-app/elm-app.js'
import { withElmJsonOnTop } from '../../elm-app/source/whole-app.js'
import { ComplogError } from '../../errors.js'
import { deployedApp, filesOfApp } from '../../later/contents/deployed-app.js'
import { type GivenState, givenBy, givenState, onlyByReplay } from '../../later/contents/given-state.js'
import { rowAt } from '../../later/contents/row-at.js'
import { stateFrom } from '../../later/contents/state-json.js'
import { headsAmong } from '../../later/reading/read-head-chain.js'
import type { ReadLater } from '../../later/reading/read-later.js'
import type { EventKind } from '../../later/records/record.js'
import { witnesses } from '../../later/verify-later.js'
import type { WorkOptions } from '../../progress.js'
import { appError } from '../app-errors.js'
import { isSameState } from '../same-state.js'
import { changeText } from '../start.js'
import { type Fed, LaterFeeder } from './feed-later.js'

/** Which state, and by which app. */
export interface RestoreLaterOptions extends WorkOptions {
    /** The record; default: the newest. */
    readonly until?: Ref | undefined
    /** Whether a person named the record that counts as the head. */
    readonly isHeadNamed?: boolean | undefined
    /** Passes over reductions. */
    readonly fromGenesis?: boolean | undefined
    /** Default: the app that the store keeps, and only where the store gives no state. */
    readonly app?: LoadedElmApp | undefined
    /** Makes an app of its files; default: `loadElmApp` does. */
    readonly load?:
        | ((files: ReadonlyMap<string, Uint8Array>, origin: string) => Promise<LoadedElmApp>)
        | undefined
}

/** A state, and how it came about. */
export interface RestoredLater extends Omit<GivenState, 'given'>, Fed {
    /** What the replay began with, or what gives the state where nothing was replayed. */
    readonly given: {
        readonly kind: 'reduction' | 'set-state' | 'deployment'
        readonly hash: GivenState['hash']
        readonly position: number
    }
    /** Why this is probably another state: the app does not read the one to begin with as it was written. */
    readonly unread: string | undefined
}

/**
 * The state after a record.
 * @throws ComplogError `error-findings` where the log is damaged, or which record is the newest is in doubt;
 * what `givenState`, `filesOfApp`, and loading and running the app throw; `no-reduction` where there is
 * nothing to begin with, or what lies between is nothing that the app does by itself
 */
export async function restoreLater(read: ReadLater, options: RestoreLaterOptions): Promise<RestoredLater> {
    const { until = { kind: 'head' }, fromGenesis = false } = options
    const target = rowAt(read, until)
    const isGiven = options.app === undefined && !fromGenesis && givenBy(read, target) !== undefined
    if (!isGiven) refuseDamaged(read)
    if (until.kind === 'head' && options.isHeadNamed !== true) refuseDoubtedHead(read)
    if (isGiven) {
        const nothing = { records: 0, events: 0, decodeErrors: 0 }
        return { ...givenState(read, until), ...nothing, firstDecodeError: undefined, unread: undefined }
    }
    const path = pathTo(read, target, fromGenesis)
    if (typeof path === 'string') throw onlyByReplay(read, target, path)
    const app = options.app ?? (await ownApp(read, target, options.load))
    let instance: ElmAppInstance | undefined
    try {
        instance = await app.start()
        const unread = await enter(instance, path)
        const feeder = new LaterFeeder(instance, read, { ...options, total: path.rows.length })
        await feeder.feed(path.rows)
        const state = await instance.serializeState()
        const at = { hash: read.log.table.hashAt(target), position: target + 1 }
        return { state, format: 'text', ...at, given: path.given, ambiguous: [], ...feeder.fed, unread }
    } catch (error) {
        throw appError(error)
    } finally {
        await instance?.close()
    }
}

const doubtingHead: readonly FindingId[] = [
    'fork',
    'out-of-order',
    'duplicate-record',
    'reduction-without-record',
]

/** Where lines stand in another order, or newer ones are gone, the last one is not the newest. */
function refuseDoubtedHead(read: ReadLater): void {
    const { log, values, reductions, store } = read
    const isByFile = store.generation.order === 'head-file'
    if (isByFile && log.findings.count('head-file') === 0) return
    const heads = isByFile ? headsAmong(values, reductions.byHash, undefined) : []
    if (isByFile && log.lostHead === undefined && heads.length < 2) return
    const ids = isByFile ? ['head-file'] : doubtingHead
    const first = [...log.findings.list, ...witnesses(read)].find(
        ({ id, severity }) => severity === 'error' && ids.includes(id),
    )
    if (first === undefined) return
    const hash = log.table.hashAt(read.headRow).slice(0, 12)
    const after =
        heads.length > 1
            ? `Choose one for \`replay --head HASH\`: ${listOfHeads(heads)}.`
            : `${isByFile ? 'Hosts do not start, and' : 'Hosts take the last line for it:'} \`replay --head ${hash}\` gives the state after ${isByFile ? 'the newest one that is there' : 'that'}.`
    throw new ComplogError('error-findings', `Which record is the newest is in doubt: ${first.message}`, {
        place: first.place,
        hint: `${after} \`complog verify-chain\` has all findings.`,
    })
}

/** Where files and lines alone give the order, a replay of what is left gives another state in silence. */
export function damageOf({ log, live, store }: ReadLater): Finding | undefined {
    if (store.generation.order === 'head-file') return undefined
    return [...log.findings.list, ...live.findings].find(({ severity }) => severity === 'error')
}

function refuseDamaged(read: ReadLater): void {
    const first = damageOf(read)
    if (first === undefined) return
    throw new ComplogError('error-findings', `The log is not one whole history: ${first.message}`, {
        place: first.place,
        hint: 'Run `complog verify-chain` for all findings.',
    })
}

export interface Path {
    readonly given: RestoredLater['given']
    /** Absent where it begins with the state that the app starts with. */
    readonly state?: string
    /** The oldest first. */
    readonly rows: readonly number[]
}

/**
 * From a state that the store gives, or a deployment that begins anew, to a record; or why there is no such
 * way, as a sentence.
 */
export function pathTo(read: ReadLater, target: number, fromGenesis = false): Path | string {
    const { table } = read.log
    const rows: number[] = []
    for (let row = target; row >= 0; ) {
        const kind = table.kindAt(row)
        const found = givenBy(read, row)
        if (found !== undefined && !(fromGenesis && found.kind === 'reduction')) {
            const { state, format } = stateFrom(read, found.state)
            const at = { hash: table.hashAt(found.row), position: found.row + 1 }
            if (format === 'text') return { given: { ...at, kind: found.kind }, state, rows: rows.reverse() }
            return 'Hosts since 0.4.0 run apps in an engine of their own.'
        }
        if (kind === 'deploy-init') {
            const at = { hash: table.hashAt(row), position: row + 1 }
            return { given: { ...at, kind: 'deployment' }, rows: rows.reverse() }
        }
        const why = notByItself[kind]
        if (why !== undefined) return `Record #${row + 1} ${why}`
        if (kind === 'event') rows.push(row)
        row = read.live.targets.get(row) ?? row - 1
    }
    return 'The log does not go back to a deployment or a reduction.'
}

const added = 'code that they add to the sources of the app, and no reduction stands behind it.'

/** What hosts did with more than the app itself. */
const notByItself: Partial<Record<EventKind, string>> = {
    'deploy-migrate': `migrates the state: hosts read values of the types of the app by ${added}`,
    'apply-function': `applies a function to the state: hosts call it by ${added}`,
    'apply-function-on-literal': `applies a function to the state: hosts call it by ${added}`,
}

/** Makes an app of its files. @param path names it in messages */
export async function loadFiles(files: ReadonlyMap<string, Uint8Array>, path: string): Promise<LoadedElmApp> {
    const { loadElmApp } = await import('../../elm-app/load-app.js')
    return loadElmApp({ path, files })
}

/** @throws ComplogError `no-reduction` where plain Elm cannot run it */
async function ownApp(
    read: ReadLater,
    row: number,
    load: RestoreLaterOptions['load'] = loadFiles,
): Promise<LoadedElmApp> {
    const { app, position } = deployedApp(read, { kind: 'number', position: row + 1 })
    const origin = `the app of record #${position}`
    const files = withElmJsonOnTop(filesOfApp(read.values, app), origin)
    const isOfTheTime = [...files.values()].some((bytes) =>
        /^interfaceToHost_processEvent\s/m.test(Buffer.from(bytes).toString('utf8')),
    )
    if (!isOfTheTime) {
        const why = `In ${origin}, hosts since 2021-08 find what to call by code that they add to its sources: complog runs apps with interfaceToHost_processEvent.`
        throw onlyByReplay(read, row, why)
    }
    return load(files, origin).catch((error: unknown) => {
        if (!(error instanceof ComplogError) || error.code !== 'app-map-missing') throw error
        throw onlyByReplay(read, row, `${error.message} Hosts since 2020-06 made what is missing themselves.`)
    })
}

/** Brings the app into the state to begin with. @returns a sentence where it writes that as another one */
async function enter(instance: ElmAppInstance, { state, given }: Path): Promise<string | undefined> {
    if (state === undefined) return undefined
    await instance.apply({ inputs: [state], kinds: Uint8Array.of(setStateKind) })
    const unread = await unreadState(instance, state)
    return unread && `The app does not read the state of #${given.position} as it was written: ${unread}`
}

/** What becomes of a state where the app writes it as another one, as the end of a sentence. */
export async function unreadState(instance: ElmAppInstance, state: string): Promise<string | undefined> {
    const written = await instance.roundTrip(state)
    return isSameState(state, written) ? undefined : changeText(state, written)
}
