// What an app answers, as hashes: two apps that were given the same can be compared without sending all that
// they say from thread to thread.
import { createHash } from 'node:crypto'

import type { AppCalls } from './app-calls.js'
import type { BatchDigest, DigestWanted } from './instance.js'
import type { SharedProgress } from './worker-protocol.js'

/** So many characters are hashed at a time. */
const charactersAtOnce = 1 << 18

const shortMax = 64

/** Takes what an app makes of a batch, and hashes it. */
export class Digesting {
    readonly #app: AppCalls
    readonly #progress: SharedProgress
    readonly #everyNth: number
    readonly #last: number
    readonly #responses = new TextsHash()
    readonly #states = new TextsHash()
    readonly #each: string[] | undefined
    #state: unknown
    #stateText = ''
    #looked = 0
    #eventCharacters = 0

    constructor(
        app: AppCalls,
        progress: SharedProgress,
        { everyNth, each = false, inputs }: DigestWanted & { /** In the batch. */ readonly inputs: number },
    ) {
        this.#app = app
        this.#progress = progress
        this.#everyNth = everyNth
        this.#each = each ? [] : undefined
        this.#last = inputs - 1
    }

    /** What the app made of an event. */
    event({ length }: string, response: string): void {
        this.#eventCharacters += length
        this.#responses.add(response)
    }

    input(index: number): void {
        if (index !== this.#last && (index + 1) % this.#everyNth !== 0) return
        this.#progress.enter('serialize', index)
        const state = this.#app.state()
        // Events that change nothing mostly leave the very same state.
        if (this.#looked === 0 || state !== this.#state) this.#stateText = this.#app.serializeState()
        this.#state = state
        this.#looked += 1
        this.#states.add(this.#stateText)
        this.#each?.push(hashOf(this.#stateText))
    }

    end(): BatchDigest {
        return {
            responses: this.#responses.end(),
            states: this.#states.end(),
            lastState: this.#each?.at(-1) ?? hashOf(this.#stateText),
            ...(this.#each && { eachState: this.#each }),
            statesLooked: this.#looked,
            stateCharacters: this.#states.characters,
            eventCharacters: this.#eventCharacters + this.#responses.characters,
        }
    }
}

class TextsHash {
    readonly #hash = createHash('sha1')
    #waiting: string[] = []
    #waitingCharacters = 0
    characters = 0

    add(text: string): void {
        // Before, so that what is put together is no longer than V8 can have it.
        if (this.#waitingCharacters + text.length > charactersAtOnce) this.#flush()
        this.#waiting.push(text)
        this.#waitingCharacters += text.length
        this.characters += text.length
    }

    end(): string {
        this.#flush()
        return this.#hash.digest('base64')
    }

    #flush(): void {
        if (this.#waiting.length === 0) return
        updateWith(this.#hash, this.#waiting)
        this.#waiting = []
        this.#waitingCharacters = 0
    }
}

/** A short text stands for itself: no hash begins as it then does. */
function hashOf(text: string): string {
    if (text.length <= shortMax) return `=${text}`
    const hash = createHash('sha1')
    updateWith(hash, [text])
    return hash.digest('base64')
}

/**
 * With their number and lengths, so that what ends one of them cannot begin the next. As UTF-8, surrogates
 * that stand alone would all be the same: then by code units.
 */
function updateWith(hash: ReturnType<typeof createHash>, texts: readonly string[]): void {
    const text = texts.join('')
    const isWellFormed = text.isWellFormed()
    const head = new Uint32Array(texts.length + 2)
    head[0] = texts.length
    head[1] = Number(isWellFormed)
    for (let at = 0; at < texts.length; at++) head[at + 2] = (texts[at] as string).length
    hash.update(head).update(text, isWellFormed ? 'utf8' : 'utf16le')
}
