// Whether every reduction of a store of 2020-05 or later is what replay says it should be, as
// `check-reductions.ts` does it for older ones. The records are walked in the order of the log, also those
// that a revert has made void: reverts and people come back to them. Before the newest deployment of another
// app, nothing is judged: the app of today says nothing of it.
import { type Finding, finding } from '../../composition/finding.js'
import { shortHash } from '../../composition/hash.js'
import { type ElmAppInstance, type LoadedElmApp, setStateKind } from '../../elm-app/elm-app.js'
import { ComplogError } from '../../errors.js'
import { deployedAppIfKnown } from '../../later/contents/deployed-app.js'
import { stateTextFrom } from '../../later/contents/state-json.js'
import type { ReadLater } from '../../later/reading/read-later.js'
import type { LaterReduction } from '../../later/reading/reductions.js'
import type { WorkOptions } from '../../progress.js'
import { rethrowAppError, withInstance } from '../app-errors.js'
import { judgeReduction, unreadReduction } from '../start.js'
import { type Fed, LaterFeeder } from './feed-later.js'
import { damageOf, type Path, pathTo, unreadState } from './restore-later.js'

/** What replay says of the reductions of such a store, and what it fed to the app. */
export interface LaterReductionsChecked extends Fed {
    /** Reductions whose state replay gave as well. */
    readonly proven: number
    /** Why others were not compared, as sentences. */
    readonly notCompared: readonly string[]
    readonly findings: readonly Finding[]
}

/**
 * Replays the log once and compares at each reduction; and looks whether the state that a host would start
 * from survives being read and written by the app.
 * @param load gives the app that ran behind the newest deployment; not called where nothing is replayed
 * @throws ComplogError `no-reduction` where no replay leads to the newest record, whatever the app; what
 * `load` throws, and as the app fails
 */
export async function checkLaterReductions(
    read: ReadLater,
    load: () => Promise<LoadedElmApp>,
    options: WorkOptions = {},
): Promise<LaterReductionsChecked> {
    const damage = damageOf(read)
    if (damage !== undefined || read.headRow < 0) {
        const nothing = { records: 0, events: 0, decodeErrors: 0, firstDecodeError: undefined }
        const why = `The reductions were not compared with replay: ${damage === undefined ? 'the log has no record.' : `the log is not one whole history. ${damage.message}`}`
        return { proven: 0, ...nothing, findings: [], notCompared: [why] }
    }
    const path = pathToHead(read)
    return withInstance(await load(), async (instance) => {
        const walk = new Walk(instance, { read, path, options })
        await walk.toHead().catch(rethrowAppError)
        const { proven, findings, feeder } = walk
        return { proven, findings, notCompared: walk.notCompared(), ...feeder.fed }
    })
}

/** Undefined where the state that it begins with is damaged, which other findings tell. */
function pathToHead(read: ReadLater): Path | undefined {
    let path: Path | string
    try {
        path = pathTo(read, read.headRow)
    } catch (error) {
        if (error instanceof ComplogError && error.code === 'error-findings') return undefined
        throw error
    }
    if (typeof path !== 'string') return path
    const message = `No replay leads to the newest record, so no app can say whether the reductions are right: ${path}`
    throw new ComplogError('no-reduction', message, { hint: 'Run it without --app.' })
}

interface WalkOf {
    readonly read: ReadLater
    readonly path: Path | undefined
    readonly options: WorkOptions
}

/** A state that a revert goes back to. */
interface Kept {
    readonly isKnown: boolean
    readonly app: string | undefined
}

const initialState = -1

/** From record to record, with the app in the state of each as far as it can be known. */
class Walk {
    readonly findings: Finding[] = []
    readonly feeder: LaterFeeder
    proven = 0
    readonly #instance: ElmAppInstance
    readonly #read: ReadLater
    readonly #path: Path | undefined
    readonly #reductions: ReadonlyMap<number, LaterReduction | undefined>
    readonly #kept = new Map<number, Kept>()
    /** Undefined where nothing says which one it is: then no record deploys another one. */
    readonly #newestApp: string | undefined
    #app: string | undefined
    #isKnown = false
    /** Records that the app is still to be fed. */
    #pending: number[] = []
    #ofOtherApps = 0
    #withoutText = 0
    #first = 0

    constructor(instance: ElmAppInstance, { read, path, options }: WalkOf) {
        this.#instance = instance
        this.#read = read
        this.#path = path
        const { byHash } = read.reductions
        this.#reductions = new Map([...read.log.reduced].map(([hash, row]) => [row, byHash.get(hash)]))
        this.feeder = new LaterFeeder(instance, read, { ...options, total: read.headRow + 1 })
        this.#newestApp = deployedAppIfKnown(read, read.headRow)?.app
    }

    async toHead(): Promise<void> {
        const targets = new Set(this.#read.live.targets.values())
        await this.#instance.keep(initialState)
        for (let row = 0; row <= this.#read.headRow; row++) {
            await this.#follow(row)
            const reduction = this.#reductions.get(row)
            if (reduction !== undefined) await this.#compare(row, reduction)
            if (targets.has(row)) await this.#keep(row)
            if (this.#pending.length >= rowsPendingMax) await this.#feedPending()
        }
        await this.#feedPending()
        await this.#judgeSetState()
    }

    async #follow(row: number): Promise<void> {
        const { log, live } = this.#read
        const kind = log.table.kindAt(row)
        if (kind === 'event') {
            if (this.#isKnown) this.#pending.push(row)
            return
        }
        await this.#feedPending()
        const named = log.namedBy(row)
        const target = live.targets.get(row)
        const kept = target === undefined ? undefined : this.#kept.get(target)
        if (kind === 'deploy-init' || kind === 'deploy-migrate') this.#app = named
        if (kept !== undefined) this.#app = kept.app
        const isOurs = this.#app === this.#newestApp
        // What else there is, hosts do by code of their own.
        this.#isKnown = isOurs && (kind === 'deploy-init' || kept?.isKnown === true)
        if (this.#isKnown) await this.#instance.goOnFromKept(target ?? initialState)
        else if (kind === 'set-state' && isOurs && named && stateTextFrom(this.#read, named) !== undefined) {
            this.#isKnown = true
            this.#pending.push(row)
        }
    }

    async #compare(row: number, { hash, state, app, place }: LaterReduction): Promise<void> {
        // Of a truncated log, nothing else says which app ran where it begins.
        this.#app ??= app
        const value = state && stateTextFrom(this.#read, state)
        if (this.#app !== this.#newestApp) this.#ofOtherApps++
        else if (value === undefined) this.#withoutText++
        else {
            await this.#feedPending()
            const reduction = { hash, value, later: { place, help: helpOnReduction } }
            const isStart = this.#path?.given.kind === 'reduction' && this.#path.given.position === row + 1
            if (this.#isKnown) {
                const how = { isStart, reachesGenesis: !this.#read.isTruncated }
                const { isProven, findings } = await judgeReduction(this.#instance, reduction, how)
                if (isProven) this.proven++
                this.findings.push(...findings)
                return
            }
            this.#first++
            await this.#instance.apply({ inputs: [value], kinds: Uint8Array.of(setStateKind) })
            this.#isKnown = true
            const unread = unreadReduction(reduction, await this.#instance.serializeState(), isStart)
            if (unread !== undefined) this.findings.push(unread)
        }
    }

    async #keep(row: number): Promise<void> {
        await this.#feedPending()
        if (this.#isKnown) await this.#instance.keep(row)
        this.#kept.set(row, { isKnown: this.#isKnown, app: this.#app })
    }

    /** Where an event is missing, which is a finding of its own, nobody knows the state behind it. */
    async #feedPending(): Promise<void> {
        const rows = this.#pending
        this.#pending = []
        await this.feeder.feed(rows).catch((error: unknown) => {
            if (!(error instanceof ComplogError) || error.code !== 'error-findings') throw error
            this.#isKnown = false
        })
    }

    async #judgeSetState(): Promise<void> {
        const { given, state } = this.#path ?? {}
        if (given?.kind !== 'set-state' || state === undefined) return
        const unread = await unreadState(this.#instance, state)
        if (unread === undefined) return
        const message = `The app does not read the state that the record ${shortHash(given.hash)}… sets as it was written: ${unread}`
        const place = this.#read.log.table.placeAt(given.position - 1)
        this.findings.push(finding('set-state-not-round-trip', message, { hash: given.hash, place }))
    }

    notCompared(): readonly string[] {
        const reasons = [
            [this.#ofOtherApps, 'from before the newest deployment, of another app'],
            [this.#withoutText, 'without a state that can be read as text'],
            [
                this.#first,
                'that nothing before can prove: the first behind the beginning of the log, a migration, a function or what is missing',
            ],
        ] as const
        return reasons
            .filter(([count]) => count > 0)
            .map(([count, which]) => `Reductions not compared with replay: ${count} ${which}.`)
    }
}

const rowsPendingMax = 1024

const helpOnReduction =
    'Take the version of the app that wrote it. If this is the one: where the log before it is whole, stop the host and move it out of `provisional-reduction/`; else restore it from a backup.'
