// What two apps did otherwise, counted by kind of event and by place in the JSON; the first one in full.
import type { CompositionRecord } from '../check/chain.js'
import { kindOfEvent } from '../composition/event-kind.js'
import type { CompositionHash } from '../composition/hash.js'
import { type Difference, differenceOf } from '../difference/difference.js'
import type { RecordInput } from '../restore/replay-run.js'

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

const groupsMax = 1000
const changesLookedAtMax = 10_000
const otherKinds = '(other kinds)'

export class Divergences {
    first: Divergence | undefined
    readonly #groups = new Map<string, DivergenceGroup>()
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

    /** Most frequent first. */
    get groups(): readonly DivergenceGroup[] {
        return [...this.#groups.values()].sort(
            (a, b) => b.count - a.count || a.first.position - b.first.position,
        )
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
        at: RecordInput | undefined,
        found: Pick<Divergence, 'before' | 'after' | 'difference'>,
    ): void {
        const { record, eventIndex = -1 } = at ?? {}
        this.first ??= { what, record, eventIndex, ...found }
        this.#totals[what] += 1
        const kind = kindOf(at)
        const first = { hash: record?.hash ?? null, position: record?.position ?? 0 }
        const paths = found.difference === null ? [''] : pathsOf(found.difference)
        for (const path of paths) this.#count({ what, kind, path, count: 1, first })
    }

    #count(group: DivergenceGroup): void {
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

function kindOf(at: RecordInput | undefined): string {
    if (at === undefined) return '(start)'
    const { record, eventIndex } = at
    return eventIndex < 0 ? '(set state)' : kindOfEvent(record.events[eventIndex] ?? '')
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
