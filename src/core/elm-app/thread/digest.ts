// What an app answers, as hashes: two apps that were given the same can be compared without sending all that
// they say from thread to thread.
import { createHash } from 'node:crypto'

import type { AppCalls } from './app-calls.js'
import type { BatchDigest } from './instance.js'
import type { SharedProgress } from './worker-protocol.js'

/** So many characters are hashed at a time. */
const charactersAtOnce = 1 << 18

/** Takes what an app makes of a batch, and hashes it. */
export class Digesting {
    readonly #app: AppCalls
    readonly #progress: SharedProgress
    readonly #everyNth: number
    readonly #last: number
    readonly #responses = createHash('sha1')
    #waiting: string[] = []
    #characters = 0
    readonly #states: string[] = []
    #stateMilliseconds = 0
    readonly #begin = performance.now()

    /** @param inputs number of inputs of the batch */
    constructor(
        app: AppCalls,
        progress: SharedProgress,
        { everyNth, inputs }: { readonly everyNth: number; readonly inputs: number },
    ) {
        this.#app = app
        this.#progress = progress
        this.#everyNth = everyNth
        this.#last = inputs - 1
    }

    response(response: string): void {
        this.#waiting.push(response)
        this.#characters += response.length
        if (this.#characters > charactersAtOnce) this.#hashResponses()
    }

    /** After an input of this index. */
    input(index: number): void {
        if (index !== this.#last && (index + 1) % this.#everyNth !== 0) return
        const begin = performance.now()
        this.#progress.enter('serialize', index)
        this.#states.push(hashOf(this.#app.serializeState()))
        this.#stateMilliseconds += performance.now() - begin
    }

    end(): BatchDigest {
        this.#hashResponses()
        return {
            responses: this.#responses.digest('base64'),
            states: this.#states,
            stateMilliseconds: this.#stateMilliseconds,
            milliseconds: performance.now() - this.#begin,
        }
    }

    /** With their lengths, so that what ends one of them cannot begin the next. */
    #hashResponses(): void {
        this.#responses.update(`${this.#waiting.map(({ length }) => length).join()};`)
        this.#responses.update(this.#waiting.join(''), 'utf16le')
        this.#waiting = []
        this.#characters = 0
    }
}

/** By code units: as UTF-8, surrogates that stand alone would all be the same. */
function hashOf(text: string): string {
    return createHash('sha1').update(text, 'utf16le').digest('base64')
}
