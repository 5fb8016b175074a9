// Between HTTP and the app: a request becomes an event, and the answer that the app gives to it, at once or at a later
// event, finds its way back.
import { AppFailure } from '../core/elm-app/elm-app.js'
import { RefusedCall } from '../core/process/refused-call.js'
import { type AppAnswer, type WebRequest, type WebResponse, readAppResponse, webEvent } from './web-event.js'

/** Takes the events of one record and gives their responses, once everybody may see them. */
export interface EventProcessor {
    processEvents(events: readonly string[]): Promise<readonly string[]>
}

export interface WebAppOptions {
    /** Requests that may be without an answer at a time. */
    readonly requestsMax: number
    /** How long a request may be without an answer, in milliseconds. */
    readonly answerTimeMillisecondsMax: number
    readonly now?: (() => Date) | undefined
    readonly onTrouble?: ((trouble: Trouble) => void) | undefined
}

/** Something that an operator wants to know about a request or about what the app said. */
export interface Trouble {
    readonly kind: Refused['kind'] | 'unknown-request'
    readonly httpRequestId: string
    readonly message: string
}

/** Why a request gets no answer of the app. Its event was recorded, but for the first three. */
export interface Refused {
    readonly kind:
        | 'too-many-requests'
        | 'too-large'
        | 'app-failed-unrecorded'
        | 'app-failed'
        | 'decode-error'
        | 'malformed-response'
        | 'no-answer'
}

export type Answer = WebResponse | Refused

interface Waiting {
    readonly resolve: (answer: Answer) => void
    readonly timer: NodeJS.Timeout
}

export class WebApp {
    readonly #processor: EventProcessor
    readonly #options: WebAppOptions
    readonly #waiting = new Map<string, Waiting>()
    #running = 0

    constructor(processor: EventProcessor, options: WebAppOptions) {
        this.#processor = processor
        this.#options = options
    }

    /** Requests that have no answer yet. */
    get waiting(): number {
        return this.#waiting.size
    }

    /** Rejects only where the processor is no more: then nothing may be answered. */
    async answer(request: WebRequest): Promise<Answer> {
        if (this.#waiting.size >= this.#options.requestsMax) return { kind: 'too-many-requests' }
        const posixTimeMilli = (this.#options.now?.() ?? new Date()).getTime()
        this.#running += 1
        const id = `${posixTimeMilli}-${this.#running}`
        const answered = this.#expect(id)
        try {
            const [response = ''] = await this.#processor.processEvents([
                webEvent(request, id, posixTimeMilli),
            ])
            this.#deliver(id, readAppResponse(response))
        } catch (error) {
            if (error instanceof RefusedCall) {
                if (error.code === 'limit-exceeded') this.#take(id)?.resolve({ kind: 'too-large' })
                else this.#refuse(id, 'app-failed-unrecorded', error.message)
                return answered
            }
            if (!(error instanceof AppFailure)) {
                this.#take(id)
                throw error
            }
            this.#refuse(id, 'app-failed', error.message)
        }
        return answered
    }

    #expect(id: string): Promise<Answer> {
        const { answerTimeMillisecondsMax } = this.#options
        return new Promise((resolve) => {
            const timer = setTimeout(() => {
                this.#refuse(id, 'no-answer', `the app gave no answer in ${answerTimeMillisecondsMax} ms`)
            }, answerTimeMillisecondsMax)
            this.#waiting.set(id, { resolve, timer })
        })
    }

    #take(id: string): Waiting | undefined {
        const waiting = this.#waiting.get(id)
        clearTimeout(waiting?.timer)
        this.#waiting.delete(id)
        return waiting
    }

    #deliver(id: string, answer: AppAnswer): void {
        if (answer.kind !== 'success') {
            this.#refuse(id, answer.kind, answer.message)
            return
        }
        for (const { httpRequestId, response } of answer.completions) {
            const waiting = this.#take(httpRequestId)
            if (waiting) waiting.resolve(response)
            else
                this.#tell(
                    'unknown-request',
                    httpRequestId,
                    'the app answered a request that waits for no answer',
                )
        }
    }

    #refuse(id: string, kind: Refused['kind'], message: string): void {
        this.#take(id)?.resolve({ kind })
        this.#tell(kind, id, message)
    }

    #tell(kind: Trouble['kind'], httpRequestId: string, message: string): void {
        this.#options.onTrouble?.({ kind, httpRequestId, message })
    }
}
