// When V8 ends a process, it writes a trace of its own that helps nobody who has only run a command.

/** How V8 begins: where the heap is full, and where something else is fatal. */
const beginnings = ['\n<--- Last few GCs --->', '\n\n#\n# Fatal ', '\n#\n# Fatal ', '\nFATAL ERROR: ']
/** V8 writes a few kilobytes. */
const lengthMax = 256 * 1024
const longest = Math.max(...beginnings.map(({ length }) => length))

/** Passes a process's text on, up to where V8 begins to take leave of it. */
export class LastWords {
    readonly #write: (text: string) => void
    /** What might yet turn out to be a beginning, or what came since one. */
    #waiting = '\n'
    /** How much of that was passed on. The line break before the very first line is none of the process's. */
    #shown = 1
    #hasBegun = false

    constructor(write: (text: string) => void) {
        this.#write = write
    }

    /** What was held back. */
    get held(): string {
        return this.#waiting.trim()
    }

    add(text: string): void {
        this.#waiting += text
        if (this.#hasBegun && this.#waiting.length <= lengthMax) return
        this.#hasBegun = false
        const at =
            this.#waiting.length > lengthMax
                ? Infinity
                : Math.min(...beginnings.map((words) => indexOf(this.#waiting, words)))
        this.#hasBegun = at < Infinity
        // A beginning may have come in part only.
        const keptFrom = this.#hasBegun ? at : lineBreakNearEnd(this.#waiting)
        // But a line is whole for its reader only with the end of it, however long the next one takes to
        // come.
        const lineEnds = this.#hasBegun ? 0 : lineBreaksAt(this.#waiting, keptFrom)
        this.#show(keptFrom + lineEnds)
        this.#waiting = this.#waiting.slice(keptFrom)
        this.#shown = Math.max(0, this.#shown - keptFrom)
    }

    /** The process has ended by itself, so nothing was its last words. */
    pass(): void {
        this.#show(this.#waiting.length)
        this.#waiting = ''
        this.#shown = 0
    }

    /** Passes on what stands before an index of what waits. */
    #show(until: number): void {
        if (until <= this.#shown) return
        this.#write(this.#waiting.slice(this.#shown, until))
        this.#shown = until
    }
}

function lineBreaksAt(text: string, from: number): number {
    let at = from
    while (text[at] === '\n') at += 1
    return at - from
}

function indexOf(text: string, words: string): number {
    const at = text.indexOf(words)
    return at < 0 ? Infinity : at
}

/** Where the last piece begins that a beginning could start with: all of it stands behind a line break. */
function lineBreakNearEnd(text: string): number {
    const from = Math.max(0, text.length - longest)
    const tail = text.slice(from)
    for (let at = tail.indexOf('\n'); at >= 0; at = tail.indexOf('\n', at + 1)) {
        const rest = tail.slice(at)
        if (beginnings.some((words) => words.startsWith(rest))) return from + at
    }
    return text.length
}
