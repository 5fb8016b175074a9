// Between HTTP and the app: a request becomes an event, and the answer that the app gives to it, at once or
// at a later event, finds its way back.
import { AppFailure } from '../core/elm-app/elm-app.js'
import { RefusedCall } from '../core/process/calls.js'
import { type AppAnswer, readAppAnswer, type WebResponse } from './app-answer.js'
import { type WebRequest, webEvent } from './web-event.js'

/** Takes the events of one record and gives their responses, once everybody may see them. */
export interface EventProcessor {
    processEvents(events: readonly string[]): Promise<readonly string[]>
}

export interface WebAppOptions {
    /** Requests that may be under way at a time. */
    readonly requestsMax: number
    /** How long a request may be without an answer, in milliseconds. */
    readonly answerTimeMillisecondsMax: number
    readonly now?: (() => Date) | undefined
    readonly onTrouble?: ((trouble: Trouble) => void) | undefined
}

/** Something that an operator wants to know about a request or about what the app said. */
export interface Trouble {
    readonly kind: Refused['kind'] | 'unknown-request' | 'unknown-entry' | 'no-text'
    readonly httpRequestId: string
    readonly message: string
}

/** Why a request gets no answer of the app. Its event was recorded, but for the first three kinds. */
export interface Refused {
    readonly kind:
        | 'too-many-requests'
        | 'too-large'
        | 'app-failed'
        | 'decode-error'
        | 'malformed-response'
        | 'no-answer'
}

export type WebAnswer = WebResponse | Refused

interface Waiting {
    readonly resolve: (answer: WebAnswer | undefined) => void
    readonly timer: NodeJS.Timeout
}

export class WebApp {
    readonly #processor: EventProcessor
    readonly #options: WebAppOptions
    /** What waits for its answer. A request out of time does not, though its event may wait for its turn. */
    readonly #waiting = new Map<string, Waiting>()
    #underWay = 0
    #running = 0
    /** Requests whose event has had no turn yet. */
    #events = 0
    #expectsMore = true

    constructor(processor: EventProcessor, options: WebAppOptions) {
        this.#processor = processor
        this.#options = options
    }

    /** Requests that have no answer yet, or whose event has had no turn yet. */
    get underWay(): number {
        return this.#underWay
    }

    /**
     * Gives undefined where nothing may be answered: the processor is no more, or the host has ended.
     * @param isExact whether the body of the request is all that was sent
     */
    async answer(request: WebRequest, isExact = true): Promise<WebAnswer | undefined> {
        if (this.#underWay >= this.#options.requestsMax) return { kind: 'too-many-requests' }
        this.#underWay += 1
        try {
            return await this.#answerOfApp(request, isExact)
        } finally {
            this.#underWay -= 1
        }
    }

    /**
     * Says that no request comes any more. What waits then for a later event to answer it waits in vain once
     * the events that came have had their turn, and is told so.
     */
    expectNoMore(): void {
        this.#expectsMore = false
        this.#refuseInVain()
    }

    /** Gives up what still waits for its answer, so that it keeps nothing alive. */
    end(): void {
        for (const id of this.#waiting.keys()) this.#take(id)?.resolve(undefined)
    }

    async #answerOfApp(request: WebRequest, isExact: boolean): Promise<WebAnswer | undefined> {
        const posixTimeMilli = (this.#options.now?.() ?? new Date()).getTime()
        this.#running += 1
        const id = `${posixTimeMilli}-${this.#running}`
        let event: string
        try {
            event = webEvent(request, id, posixTimeMilli)
        } catch (error) {
            if (error instanceof RangeError) return { kind: 'too-large' }
            throw error
        }
        if (!isExact)
            this.#tell('no-text', id, 'the body is not UTF-8, and came to the app with U+FFFD in it')
        const answered = this.#expect(id)
        let response: string | undefined
        this.#events += 1
        try {
            ;[response] = await this.#processor.processEvents([event])
        } catch (error) {
            // Not what may have been said meanwhile: that its time is over, and that it was recorded.
            this.#take(id)
            return this.#failed(id, error)
        } finally {
            this.#events -= 1
            // Once what the app says of this event is delivered.
            queueMicrotask(() => this.#refuseInVain())
        }
        this.#deliver(id, readAppAnswer(response ?? ''))
        return answered
    }

    #refuseInVain(): void {
        if (this.#expectsMore || this.#events > 0) return
        for (const id of this.#waiting.keys()) {
            this.#refuse(id, 'no-answer', 'the host ends, so no event comes at which the app could answer')
        }
    }

    #failed(id: string, error: unknown): Refused | undefined {
        // Of the processor's end its host hears as well.
        if (error instanceof RefusedCall) return { kind: 'too-large' }
        if (!(error instanceof AppFailure)) return undefined
        this.#tell('app-failed', id, error.message)
        return { kind: 'app-failed' }
    }

    #expect(id: string): Promise<WebAnswer | undefined> {
        const { answerTimeMillisecondsMax } = this.#options
        return new Promise((resolve) => {
            const timer = setTimeout(
                () =>
                    this.#refuse(
                        id,
                        'no-answer',
                        `the app gave no answer in ${answerTimeMillisecondsMax} ms`,
                    ),
                answerTimeMillisecondsMax,
            )
            this.#waiting.set(id, { resolve, timer })
        })
    }

    #take(id: string): Waiting | undefined {
        const waiting = this.#waiting.get(id)
        clearTimeout(waiting?.timer)
        this.#waiting.delete(id)
        return waiting
    }

    /** @param id of the request that the event was, which need not be the one that is answered */
    #deliver(id: string, { completions, ignored, failure }: AppAnswer): void {
        for (const { httpRequestId, response } of completions) {
            const waiting = this.#take(httpRequestId)
            if (waiting) waiting.resolve(response)
            else
                this.#tell(
                    'unknown-request',
                    httpRequestId,
                    'the app answered a request that waits for no answer',
                )
        }
        for (const message of ignored) this.#tell('unknown-entry', id, message)
        if (failure) this.#refuse(id, failure.kind, failure.message)
    }

    #refuse(id: string, kind: Refused['kind'], message: string): void {
        this.#take(id)?.resolve({ kind })
        this.#tell(kind, id, message)
    }

    #tell(kind: Trouble['kind'], httpRequestId: string, message: string): void {
        this.#options.onTrouble?.({ kind, httpRequestId, message })
    }
}
