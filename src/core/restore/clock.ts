/** Milliseconds of one phase after the other. */
export class Clock {
    readonly #begin = performance.now()
    #last = this.#begin

    lap(): number {
        const before = this.#last
        this.#last = performance.now()
        return this.#last - before
    }

    total(): number {
        return performance.now() - this.#begin
    }
}
