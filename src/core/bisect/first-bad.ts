// Where among numbered states a condition begins to hold, by as few tests as that takes: pure, it knows
// neither states nor how they are tested.

/** What a test says of a state: the condition does not hold there yet, it holds, or that cannot be told. */
export type Verdict = 'good' | 'bad' | 'skip'

/** What to look through, and how closely. */
export interface Search {
    /** Numbers of the first and the last state. */
    readonly from: number
    readonly to: number
    /** States between them, at equal distances, that are tested before the search proper. */
    readonly probes: number
    /** Test every state from the first one on, until the condition holds. */
    readonly exact: boolean
    /** The state nearest to one that is there without work; absent: all are alike. */
    readonly atHand?: ((position: number) => number) | undefined
}

/** What came of a search. */
export interface Sought {
    /**
     * `found`: it begins to hold at `last`. `one-of`: all between were skipped, so it may begin at any of
     * `first` to `last`. `never`: it holds at no state that was tested. `already`: it holds at the very first
     * one. `untestable`: all were skipped.
     */
    readonly outcome: 'found' | 'one-of' | 'never' | 'already' | 'untestable'
    /** Where it may begin to hold; 0 and 0 where that is nowhere. */
    readonly first: number
    readonly last: number
    /** States that were tested, skipped ones among them. */
    readonly tested: number
    readonly skipped: number
    /** Whether among the tested states it never ceased to hold: where it did, there are other places. */
    readonly monotonic: boolean
}

export type Test = (position: number) => Promise<Verdict>

/** @throws whatever the test throws */
export async function firstBad(test: Test, search: Search): Promise<Sought> {
    const looked = new Looked(test)
    if (search.exact) await lookAtAll(looked, search)
    else {
        await lookAround(looked, search)
        await closeIn(looked, search)
    }
    return looked.sum(search)
}

interface Gap {
    readonly good: number
    readonly bad: number
}

/** The state at hand, unless it is too far away. */
function easyNear(position: number, distanceMax: number, atHand: (position: number) => number): number {
    const easy = atHand(position)
    return Math.abs(easy - position) <= distanceMax ? easy : position
}

const itself = (position: number) => position

/** The verdicts so far. */
class Looked {
    readonly #test: Test
    readonly #verdicts = new Map<number, Verdict>()

    constructor(test: Test) {
        this.#test = test
    }

    async look(position: number): Promise<Verdict> {
        const verdict = this.#verdicts.get(position) ?? (await this.#test(position))
        this.#verdicts.set(position, verdict)
        return verdict
    }

    has(position: number): boolean {
        return this.#verdicts.has(position)
    }

    /** The first change from good to bad among the tested states, and the good one next before it. */
    gap({ from }: Search): Gap | undefined {
        let good = from
        for (const [position, verdict] of this.#told()) {
            if (verdict === 'bad') return { good, bad: position }
            good = position
        }
        return undefined
    }

    sum(search: Search): Sought {
        const told = this.#told()
        const ceased = told.some(([, verdict], at) => verdict === 'good' && told[at - 1]?.[1] === 'bad')
        const tested = this.#verdicts.size
        const skipped = tested - told.length
        const counts = { tested, skipped, monotonic: !ceased }
        const nowhere = { first: 0, last: 0, ...counts }
        const gap = this.gap(search)
        if (told.length === 0) return { outcome: 'untestable', ...nowhere }
        if (gap === undefined) return { outcome: 'never', ...nowhere }
        const { good, bad } = gap
        if (bad === search.from) return { outcome: 'already', ...nowhere }
        return { outcome: bad - good === 1 ? 'found' : 'one-of', first: good + 1, last: bad, ...counts }
    }

    /** Those of which something could be told, in their order. */
    #told(): readonly (readonly [number, Verdict])[] {
        return [...this.#verdicts].filter(([, verdict]) => verdict !== 'skip').sort(([a], [b]) => a - b)
    }
}

async function lookAtAll(looked: Looked, { from, to }: Search): Promise<void> {
    for (let position = from; position <= to; position++) if ((await looked.look(position)) === 'bad') return
}

/** The ends, and some between: a search by halves alone could never meet a second change. */
async function lookAround(looked: Looked, search: Search): Promise<void> {
    const { from, to, probes, atHand = itself } = search
    if ((await looked.look(from)) === 'bad') return
    // Of a tail that cannot be tested, the newest state of which something can be told counts.
    for (let end = to; end > from && (await looked.look(end)) === 'skip'; ) end -= 1
    const distance = (to - from) / (probes + 1)
    for (let probe = 1; probe <= probes; probe++) {
        const position = from + Math.round(distance * probe)
        await looked.look(easyNear(position, distance / 2, atHand))
    }
}

/** Halves what is between the first bad state and the good one before it, until nothing is left to test. */
async function closeIn(looked: Looked, search: Search): Promise<void> {
    for (let skips = 0; ; ) {
        const gap = looked.gap(search)
        const next = gap && untestedBetween(looked, { ...gap, atHand: search.atHand }, skips)
        if (next === undefined) return
        skips = (await looked.look(next)) === 'skip' ? skips + 1 : 0
    }
}

/**
 * The untested state nearest to the middle; behind some that were skipped, further and further away from it,
 * since what cannot be tested mostly stands together.
 */
function untestedBetween(
    looked: Looked,
    { good, bad, atHand = itself }: Gap & Pick<Search, 'atHand'>,
    skips: number,
): number | undefined {
    const away = skips === 0 ? 0 : Math.min(2 ** skips, bad - good) * (skips % 2 === 0 ? 1 : -1)
    const middle = Math.floor((good + bad) / 2)
    const easy = easyNear(middle, (bad - good) / 4, atHand)
    if (skips === 0 && easy > good && easy < bad && !looked.has(easy)) return easy
    const aim = Math.min(bad - 1, Math.max(good + 1, middle + away))
    for (let distance = 0; distance < bad - good; distance++) {
        for (const position of [aim - distance, aim + distance])
            if (position > good && position < bad && !looked.has(position)) return position
    }
    return undefined
}
