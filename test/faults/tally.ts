// What became of many faults.
import { thinned } from '../support/thinned.js'

/** One kind of fault, counted. */
export class Tally {
    readonly what: string
    /** What makes it a control, which has to lose something. */
    readonly weakness: string | undefined
    /** Faults that came to pass. */
    injected = 0
    /** Faults that did not, tried twice: the command had made fewer calls this time. */
    missed = 0
    /** What was lost, in words, by fault. */
    readonly lost: { readonly fault: string; readonly problems: readonly string[] }[] = []

    constructor(what: string, weakness?: string) {
        this.what = what
        this.weakness = weakness
    }

    add(fault: string, problems: readonly string[]): void {
        this.injected++
        if (problems.length > 0) this.lost.push({ fault, problems })
    }

    /** Whether it shows what it is there to show: that nothing is lost, or, as a control, that it would notice. */
    get isGood(): boolean {
        return this.injected > 0 && this.lost.length > 0 === (this.weakness !== undefined)
    }

    /** Whether a control has lost something, which is all that the short form asks: the long run counts on. */
    get isDecided(): boolean {
        return thinned(true, false) && this.weakness !== undefined && this.lost.length > 0
    }

    /** The first things lost, for a person. */
    describeLost(max = 5): string {
        return this.lost
            .slice(0, max)
            .map(({ fault, problems }) => `${this.what}, ${fault}:\n    ${problems.join('\n    ')}`)
            .join('\n')
    }
}
