// Looks for events in a log: by what they are, by what stands in them, and by what they did to the state of
// an app. Most lines of a log are passed over as bytes.
import type { Chain, ChosenChain, Positions } from '../check/chain.js'
import { positionOf } from '../check/choose-chain.js'
import { positionAtTime, positionFromTime, timeOfRecord } from '../check/record-time.js'
import { kindOfEvent, requestInEvent } from '../composition/event-kind.js'
import { literalOf, type Needles, needlesFor, textsIn } from '../composition/prefilter.js'
import type { Ref } from '../composition/ref.js'
import { Condition, type ConditionName, type ConditionValues } from '../condition/condition.js'
import { isSameText, partAt } from '../difference/difference.js'
import type { LoadedElmApp } from '../elm-app/elm-app.js'
import { ComplogError } from '../errors.js'
import { eventKinds } from '../later/records/record.js'
import type { WorkOptions } from '../progress.js'
import { findTarget } from '../restore/restore-target.js'
import type { ListedStore } from '../store/process-store.js'
import { wholeStore } from '../store/process-store.js'
import type { RecordTime } from '../store/time-of-record.js'
import { type EventToTest, eventsAsTheyStand, eventsInChain, nameOfEvent } from './events-to-test.js'
import { eventsWithStates } from './events-with-states.js'
import type { ToldEvent } from './history.js'
import { eventsThatFulfil } from './packed-events.js'

/** A record, or a time: milliseconds since 1970. */
export type Bound = Ref | { readonly kind: 'moment'; readonly posixMilliseconds: number }

/** What to look for. What is found fulfils all of it. */
export interface SearchOptions extends WorkOptions {
    /** What the event is, such as `POST /api`; `POST` and `POST /api` are also all that begins so. */
    readonly kind?: string | undefined
    /** Stands in the text of the event. */
    readonly match?: RegExp | undefined
    /** An expression that is true. */
    readonly where?: string | undefined
    /** JSON pointer to a part of the state that the event changed. Wants the app. */
    readonly changed?: string | undefined
    /** Where to begin and to end, both included. */
    readonly since?: Bound | undefined
    readonly until?: Bound | undefined
    /** Which record counts as the head, where the log leaves a choice. */
    readonly head?: Ref | undefined
    readonly app?: LoadedElmApp | undefined
    /** Told the position of the last record that is looked at, where records have positions. */
    readonly onStretch?: ((to: number) => void) | undefined
    /** Told where the log is not one chain, so that it is searched as its lines stand. */
    readonly onBrokenChain?: ((error: ComplogError) => void) | undefined
}

/** What was found: an event, or a state that a record sets. */
export interface Hit {
    readonly record: EventToTest['record']
    readonly time: RecordTime | undefined
    /** Index into the record's events; -1 for the state that it sets. */
    readonly eventIndex: number
    readonly kind: string
    /** Undefined for the state that it sets, and for what is not there any more. */
    readonly text: string | undefined
    /** With an app that was asked for it. */
    readonly response?: string | undefined
    /** With `changed`: the JSON before and after; absent where nothing stood there. */
    readonly before?: string | undefined
    readonly after?: string | undefined
}

/** Events that are tested at a time, so that hits are told soon and threads are not called for each. */
const placesPerTest = 512
const charactersPerTest = 4 * 1024 * 1024

/**
 * Yields hits as they are found, the oldest first.
 * @throws ComplogError `condition-failed`, `usage`, and as `restore` does
 */
export async function* search(store: ListedStore, options: SearchOptions): AsyncGenerator<Hit> {
    await using tests = await Tests.start(store, options)
    yield* await hitsInStore(store, options, tests)
}

/** Those of some events that fulfil all. */
export async function* hitsIn(
    events: AsyncIterable<EventToTest | 'pause'>,
    tests: Tests,
): AsyncGenerator<Hit> {
    let waiting: EventToTest[] = []
    let characters = 0
    let underWay: Promise<readonly Hit[]> = Promise.resolve([])
    for await (const event of events) {
        if (event === 'pause') characters = Infinity
        else if (tests.isWorthTesting(event)) {
            waiting.push(event)
            characters += event.text?.length ?? 0
            characters += (event.before?.length ?? 0) + (event.state?.length ?? 0)
        }
        if (waiting.length < placesPerTest && characters < charactersPerTest) continue
        // Tested in a thread of its own, while more is being read here.
        const before = underWay
        underWay = tests.hitsOf(waiting)
        underWay.catch(() => undefined)
        yield* await before
        waiting = []
        characters = 0
    }
    yield* await underWay
    yield* await tests.hitsOf(waiting)
}

async function hitsInStore(
    listed: ListedStore,
    options: SearchOptions,
    tests: Tests,
): Promise<AsyncIterable<Hit>> {
    const { app, head, since, until } = options
    const store = await wholeStore(listed)
    const work = { signal: options.signal, onProgress: options.onProgress }
    try {
        const { chain, position } = await findTarget(store, {
            ...work,
            head,
            wanted: tests.needsApp ? [] : tests.needles,
        })
        const { from, to } = await stretchOf({ chain, head: position }, options)
        options.onStretch?.(to)
        if (app !== undefined && tests.needsApp)
            return hitsIn(
                eventsWithStates(store, app, { ...work, chain, from, to, needs: tests.needs }),
                tests,
            )
        return (
            tests.hitsInPacked(chain, { ...work, from, to }) ??
            hitsIn(eventsInChain(chain, { from, to, needles: tests.needles }, work), tests)
        )
    } catch (error) {
        const isOfChain = error instanceof ComplogError && brokenChain.has(error.code)
        if (!isOfChain || tests.needsApp || head !== undefined || since !== undefined || until !== undefined)
            throw error
        options.onBrokenChain?.(error)
        return hitsIn(eventsAsTheyStand(store, work), tests)
    }
}

const brokenChain: ReadonlySet<string> = new Set(['broken-chain', 'two-heads', 'torn-tail'])

async function stretchOf(
    chosen: ChosenChain,
    { since, until, ...work }: SearchOptions,
): Promise<{ readonly from: number; readonly to: number }> {
    const from =
        since === undefined
            ? 1
            : since.kind === 'moment'
              ? await positionFromTime(chosen, since.posixMilliseconds, work)
              : await positionOf(chosen, since, work)
    const to =
        until === undefined
            ? chosen.head
            : until.kind === 'moment'
              ? await positionAtTime(chosen, until.posixMilliseconds, work)
              : await positionOf(chosen, until, work)
    refuseReversed({ since, until }, { from, to })
    return { from: Math.max(from, 1), to }
}

/**
 * Between two times there may be no record, and behind the last one is where the next will be.
 * @throws ComplogError `usage` where the second bound is before the first
 */
export function refuseReversed(
    { since, until }: Pick<SearchOptions, 'since' | 'until'>,
    { from, to }: { readonly from: number; readonly to: number },
): void {
    if (since === undefined || until === undefined) return
    const hint = 'Give --since the older one.'
    if (since.kind === 'moment' && until.kind === 'moment') {
        if (since.posixMilliseconds > until.posixMilliseconds)
            throw new ComplogError('usage', 'The time of --until is before that of --since.', { hint })
        return
    }
    const isTime = since.kind === 'moment' || until.kind === 'moment'
    if (from <= (isTime ? to + 1 : to)) return
    const message = `What is searched ends with #${to}, before #${from}, with which it begins.`
    throw new ComplogError('usage', message, { hint })
}

/** What tests need of a store. */
interface Tested extends Pick<ListedStore, 'limits'> {
    /** What to do for what only an app makes; default: to give one. */
    readonly withoutApp?: string
}

/** All that an event must fulfil, the cheapest first. */
export class Tests {
    readonly needles: Needles
    /** What expressions look at. */
    readonly needs: ReadonlySet<ConditionName>
    readonly #options: SearchOptions
    readonly #literal: string | undefined
    readonly #conditions: readonly Condition[]
    #last: { readonly state: string; readonly part: string | undefined } | undefined

    private constructor(options: SearchOptions, conditions: readonly Condition[]) {
        const { kind, match, changed } = options
        this.#options = options
        this.#literal = match && literalOf(match)
        this.#conditions = conditions
        const needs = new Set(conditions.flatMap((condition) => [...condition.needs]))
        if (changed !== undefined) needs.add('before').add('state')
        this.needs = needs
        this.needles = needlesFor([
            ...(kind === undefined ? [] : textsOfKind(kind)),
            ...(match === undefined ? [] : this.#literal === undefined ? textsIn(match) : [this.#literal]),
        ])
    }

    static async start({ limits, withoutApp }: Tested, options: SearchOptions): Promise<Tests> {
        const { match, where, app, signal } = options
        const conditions: Condition[] = []
        try {
            if (match !== undefined && literalOf(match) === undefined) {
                const expression = `text !== undefined && ${String(match)}.test(text)`
                const named = { flag: '--match', shown: String(match) }
                conditions.push(await Condition.start(expression, { ...named, limits, signal }))
            }
            if (where !== undefined) {
                const lacking = app === undefined && {
                    available: ['event', 'text', 'record'] as const,
                    unavailable: withoutApp ?? 'Give the app that makes it: --app APP.',
                }
                conditions.push(await Condition.start(where, { ...lacking, limits, signal }))
            }
            return new Tests(options, conditions)
        } catch (error) {
            await Promise.all(conditions.map((condition) => condition.close()))
            throw error
        }
    }

    get needsApp(): boolean {
        return ['before', 'state', 'response'].some((name) => this.needs.has(name as ConditionName))
    }

    /** Without a thread. */
    isWorthTesting({ text, record, before, state, told }: EventToTest): boolean {
        const { kind, match, changed } = this.#options
        if (text === undefined) {
            if (match !== undefined || this.needs.has('event') || this.needs.has('text')) return false
            if (told === undefined && !('setState' in record && record.setState !== undefined)) return false
        }
        if (this.#literal !== undefined && text?.includes(this.#literal) !== true) return false
        if (changed !== undefined && before === state) return false
        return kind === undefined || isOfKind(told ?? { kind: kindOfText(text) }, kind)
    }

    async hitsOf(events: readonly EventToTest[]): Promise<readonly Hit[]> {
        let left = events
        for (const condition of this.#conditions) {
            if (left.length === 0) return []
            const tested = left
            const isOfEvent = [...condition.needs].every((name) => name === 'event' || name === 'text')
            const values = tested.map((event) =>
                isOfEvent && event.text !== undefined ? event.text : valuesOf(event, condition.needs),
            )
            const hits = await condition.test(values, (index) => nameOfEvent(tested[index]))
            left = tested.filter((_, index) => hits[index] === 1)
        }
        return left.map((event) => this.#hit(event)).filter((hit) => hit !== undefined)
    }

    /**
     * Hits among packed events, of which only those are read as records. Undefined where the tests look at
     * more than events, or there is something by which lines can be passed over.
     */
    hitsInPacked(chain: Chain, stretch: Positions & WorkOptions): AsyncIterable<Hit> | undefined {
        const isOfEvents = [...this.needs].every((name) => name === 'event' || name === 'text')
        const [condition, ...others] = this.#conditions
        if (!isOfEvents || condition === undefined || others.length > 0) return undefined
        if (this.#options.kind !== undefined || this.needles.length > 0) return undefined
        return this.#hitsAmong(eventsThatFulfil(chain, { ...stretch, condition }))
    }

    async *#hitsAmong(events: AsyncIterable<readonly EventToTest[]>): AsyncGenerator<Hit> {
        for await (const found of events)
            yield* found.map((event) => this.#hit(event)).filter((hit) => hit !== undefined)
    }

    async [Symbol.asyncDispose](): Promise<void> {
        await Promise.all(this.#conditions.map((condition) => condition.close()))
    }

    /** What an event leaves is mostly what the next one finds. */
    #partOf(state: string | undefined, pointer: string): string | undefined {
        if (state === undefined) return undefined
        if (this.#last?.state !== state) this.#last = { state, part: partAt(state, pointer) }
        return this.#last.part
    }

    #hit({ record, eventIndex, text, response, before, state, told }: EventToTest): Hit | undefined {
        const { changed } = this.#options
        const kind = told?.kind ?? kindOfText(text)
        const hit = { record, time: timeIn(record), eventIndex, kind, text, response }
        if (changed === undefined) return hit
        const [was, is] = [this.#partOf(before, changed), this.#partOf(state, changed)]
        const isSame = was === is || (was !== undefined && is !== undefined && isSameText(was, is))
        return isSame ? undefined : { ...hit, before: was, after: is }
    }
}

function valuesOf(event: EventToTest, needs: ReadonlySet<ConditionName>): ConditionValues {
    const { text, response, before, state } = event
    return {
        ...(text !== undefined && { event: text }),
        ...(needs.has('response') && response !== undefined && { response }),
        ...(needs.has('before') && before !== undefined && { before }),
        ...(needs.has('state') && state !== undefined && { state }),
        ...(needs.has('record') && { record: JSON.stringify(describedForCondition(event)) }),
    }
}

function describedForCondition({ record, eventIndex, text, told }: EventToTest): object {
    const { hash, position, parentHash = null, generation, place, events } = record
    const time = timeIn(record)
    return {
        ...{ hash, position, parentHash, generation, place, eventIndex, events: events.length },
        time: time === undefined ? null : new Date(time.first).toISOString(),
        ...(told && 'isVoid' in record && { kind: told.kind, does: told.does, void: record.isVoid }),
        // Since 2020-06 it stands in the event in base 64.
        ...(told && { body: requestInEvent(text ?? '')?.body ?? null }),
    }
}

function timeIn(record: EventToTest['record']): RecordTime | undefined {
    return 'time' in record ? record.time : timeOfRecord(record)
}

function kindOfText(text: string | undefined): string {
    return text === undefined ? '(set state)' : kindOfEvent(text)
}

/** Whether an event is of a kind, which may say less than its own, or with `!` before it of any other. */
export function isOfKind(event: Pick<ToldEvent, 'kind' | 'does'>, wanted: string): boolean {
    if (wanted.startsWith('!')) return !isOfKind(event, wanted.slice(1))
    const { kind, does } = event
    if (does !== undefined && isNameOfDoing(wanted)) return isPartOf(wanted, does)
    return kind === wanted || kind.startsWith(`${wanted}/`) || kind.startsWith(`${wanted} `)
}

/** Whether a kind is one of what hosts since 2020-05 do with events, or the beginning of some. */
export function isNameOfDoing(kind: string): boolean {
    return isPartOf(kind.replace(/^!/, ''), ...Object.values(eventKinds))
}

/** Whether one of the names is this one, or goes on with a hyphen behind it. */
function isPartOf(wanted: string, ...names: readonly string[]): boolean {
    return names.some((name) => name === wanted || name.startsWith(`${wanted}-`))
}

/** What stands in the text of each event of a kind. A method may stand there in small letters. */
function textsOfKind(kind: string): readonly string[] {
    if (/^[(!]/.test(kind) || kind === '{}' || kind === 'time') return []
    const [first = '', ...rest] = kind.split(' ')
    return /^[A-Z]*$/.test(first) ? rest.join(' ').split(/[^A-Za-z0-9_.-]+/) : [kind]
}
