// What two apps did otherwise, counted by kind of event and by place in the JSON; the first one in full.
import type { Chain, CompositionRecord } from '../check/chain.js'
import { kindOfEvent } from '../composition/event-kind.js'
import type { CompositionHash } from '../composition/hash.js'
import { type Difference, differenceOf } from '../difference/difference.js'
import { findInput, type InputPlace } from '../restore/replay-run.js'

/** In what the two are different. */
export type DivergenceKind = 'response' | 'state' | 'failure'

/** One place in the history at which the two apps did otherwise. */
export interface Divergence {
    readonly what: DivergenceKind
    /** The record; undefined for the state that the comparison begins with. */
    readonly record: CompositionRecord | undefined
    /** Index into the record's events; -1 for the state that it sets, or that the comparison begins with. */
    readonly eventIndex: number
    /** What OLD and NEW answered, which state they had, or how they failed; undefined: it did not fail. */
    readonly before: string | undefined
    readonly after: string | undefined
    /** What is different; null where one of them failed. */
    readonly difference: Difference | null
}

/** Divergences of a kind. */
export interface DivergenceGroup {
    readonly what: DivergenceKind
    /** Kind of event, such as `POST /api`. */
    readonly kind: string
    /** JSON pointer, with `*` for the items of lists; empty for all of it. */
    readonly path: string
    readonly count: number
    /** Where it was seen first; position 0 for the state that the comparison begins with. */
    readonly first: { readonly hash: CompositionHash | null; readonly position: number }
}

/** How many divergences there are of each kind. */
export interface DivergenceTotals {
    readonly responses: number
    readonly states: number
    readonly failures: number
}

/** One thing that both apps are given. */
export interface GivenInput {
    readonly text: string
    readonly isSetState: boolean
    readonly place: InputPlace
}

/** Where the record of an input is known only later: the log need not be read yet. */
type Unplaced<T extends { readonly first: unknown }> = Omit<T, 'first'> & {
    readonly first: GivenInput | undefined
}

const groupsMax = 1000
const changesLookedAtMax = 10_000
const otherKinds = '(other kinds)'

export class Divergences {
    #first: (Omit<Divergence, 'record' | 'eventIndex'> & { readonly at: GivenInput | undefined }) | undefined
    readonly #groups = new Map<string, Unplaced<DivergenceGroup>>()
    readonly #totals = { response: 0, state: 0, failure: 0 }
    readonly #ignored: string[][]

    /** @param ignored JSON pointers of what is not compared; `*` stands for any part */
    constructor(ignored: readonly string[]) {
        this.#ignored = ignored.map(partsOf)
    }

    get totals(): DivergenceTotals {
        const { response: responses, state: states, failure: failures } = this.#totals
        return { responses, states, failures }
    }

    /** The first one, and the groups, most frequent first, each with the record in which it was seen. */
    async placed(
        chain: Chain,
    ): Promise<{ readonly first: Divergence | undefined; readonly groups: readonly DivergenceGroup[] }> {
        const records = new Map<GivenInput | undefined, DivergenceGroup['first']>()
        records.set(undefined, { hash: null, position: 0 })
        for (const { first } of this.#groups.values()) {
            if (first === undefined || records.has(first)) continue
            const { hash, position } = (await findInput(chain, first.place)).record
            records.set(first, { hash, position })
        }
        const groups = [...this.#groups.values()].map((group) => {
            return { ...group, first: records.get(group.first) as DivergenceGroup['first'] }
        })
        groups.sort((a, b) => b.count - a.count || a.first.position - b.first.position)
        if (this.#first === undefined) return { first: undefined, groups }
        const { at, ...first } = this.#first
        const { record, eventIndex = -1 } = at === undefined ? {} : await findInput(chain, at.place)
        return { first: { ...first, record, eventIndex }, groups }
    }

    /** Leaves out of all comparisons to come what two texts differ in. */
    ignore(difference: Difference): void {
        for (const path of pathsOf(difference)) if (path !== '') this.#ignored.push(partsOf(path))
    }

    /** What is different between two texts, without what is ignored; undefined where nothing is. */
    between(before: string, after: string): Difference | undefined {
        if (before === after) return undefined
        const difference = differenceOf(before, after, { changesMax: changesLookedAtMax })
        if (difference.form === 'text') return difference
        const changes = difference.changes.filter(({ pointer }) => !this.#isIgnored(pointer))
        return changes.length + difference.more === 0 ? undefined : { ...difference, changes }
    }

    add(
        what: DivergenceKind,
        at: GivenInput | undefined,
        found: Pick<Divergence, 'before' | 'after' | 'difference'>,
    ): void {
        this.#first ??= { what, at, ...found }
        this.#totals[what] += 1
        const kind = at === undefined ? '(start)' : at.isSetState ? '(set state)' : kindOfEvent(at.text)
        const paths = found.difference === null ? [''] : pathsOf(found.difference)
        for (const path of paths) this.#count({ what, kind, path, count: 1, first: at })
    }

    #count(group: Unplaced<DivergenceGroup>): void {
        const key = JSON.stringify([group.what, group.kind, group.path])
        const isKnown = this.#groups.has(key) || this.#groups.size < groupsMax
        const place = isKnown ? key : otherKinds
        const known = this.#groups.get(place)
        const named = isKnown ? group : { ...group, kind: otherKinds, path: '' }
        this.#groups.set(place, known === undefined ? named : { ...known, count: known.count + 1 })
    }

    #isIgnored(pointer: string): boolean {
        const parts = partsOf(pointer)
        return this.#ignored.some(
            (ignored) =>
                ignored.length <= parts.length &&
                ignored.every((part, at) => part === '*' || part === parts[at]),
        )
    }
}

/** Each place once, whichever item of a list it is in. */
export function pathsOf(difference: Difference): readonly string[] {
    if (difference.form === 'text') return ['']
    const paths = difference.changes.map(({ pointer }) => pointer.replaceAll(/\/\d+(?=\/|$)/g, '/*'))
    return [...new Set(paths)]
}

function partsOf(pointer: string): string[] {
    return pointer.split('/').slice(1)
}
