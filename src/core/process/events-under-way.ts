// The events that a process was given and whose responses nobody has taken yet. However many come and however
// large they are, only so many are held at a time.

/** Enough for one sync to serve many. */
const eventsMax = 1024
/** Of events and responses, about. */
const charactersMax = 32 * 1024 * 1024

/** What is expected of the next responses falls by so much with each smaller one. */
const expectedDecay = 0.98

/** An event as it stands in a line of some input. */
export interface EventLine {
    readonly event: string
    /** Number of the line, from 1. */
    readonly line: number
}

export interface EventUnderWay extends EventLine {
    readonly responses: Promise<readonly string[]>
}

export class EventsUnderWay {
    readonly #events: EventUnderWay[] = []
    /** Of all events, and of the responses that are there. */
    #characters = 0
    #unanswered = 0
    /** Characters of a response that is not there yet. Nobody knows before the first one. */
    #expected = Infinity
    #tellChange: () => void = () => undefined

    /** The one whose response is next. */
    get oldest(): EventUnderWay | undefined {
        return this.#events[0]
    }

    add(event: EventUnderWay): void {
        this.#events.push(event)
        this.#characters += event.event.length
        this.#unanswered += 1
        // Whoever takes the response hears of a failure; until then it is no unhandled one.
        event.responses.then(
            ([response = '']) => this.#noteResponse(response),
            () => undefined,
        )
    }

    /** @param response what it was answered */
    takeOldest(response: string): void {
        const taken = this.#events.shift()
        this.#characters -= (taken?.event.length ?? 0) + response.length
        this.#tellChange()
    }

    /** Nobody takes anything any more. */
    clear(): void {
        this.#events.length = 0
        this.#tellChange()
    }

    /** Whether another one may be added: always where there is none. */
    get hasRoom(): boolean {
        const { length } = this.#events
        if (length === 0) return true
        // Infinity times none is no number.
        const expected = this.#unanswered === 0 ? 0 : this.#unanswered * this.#expected
        return length < eventsMax && this.#characters + expected < charactersMax
    }

    /** Resolves when there may be room. */
    change(): Promise<void> {
        return new Promise((tell) => (this.#tellChange = tell))
    }

    #noteResponse({ length }: string): void {
        this.#unanswered -= 1
        this.#characters += length
        const before = Number.isFinite(this.#expected) ? this.#expected * expectedDecay : 0
        this.#expected = Math.max(length, before)
        this.#tellChange()
    }
}
