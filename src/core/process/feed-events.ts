// Feeds a stream of events to a persistent process, one record an event, and gives the responses in the same
// order.
import { AppFailure } from '../elm-app/elm-app.js'
import { ComplogError } from '../errors.js'
import { appError } from '../restore/app-errors.js'
import { CallSeries, RefusedCall } from './calls.js'
import { type EventLine, EventsUnderWay } from './events-under-way.js'
import type { PersistentProcess } from './persistent-process.js'

export type { EventLine } from './events-under-way.js'

/**
 * The response to each event, in order, each only once its record is there for good. Where the events end
 * with an error, what came before is answered first, and then the error is thrown. No event is recorded
 * behind one on which the app fails, or that is refused.
 * @throws ComplogError `app-threw`, `app-timed-out`, `app-out-of-memory`, `limit-exceeded` with the line of
 * such an event, which is not in the log; what ends the process, as it is
 */
export async function* feedEvents(
    process: Pick<PersistentProcess, 'processEvents'>,
    events: AsyncIterable<EventLine>,
): AsyncGenerator<string> {
    const series = new CallSeries()
    const underWay = new EventsUnderWay()
    const ending: { error?: unknown; is: 'no' | 'done' | 'failed' | 'unwanted' } = { is: 'no' }
    let tellNews = () => {}
    const feed = async () => {
        try {
            for await (const { event, line } of events) {
                underWay.add({ event, line, responses: process.processEvents([event], series) })
                tellNews()
                while (!underWay.hasRoom) await underWay.change()
                if (ending.is === 'unwanted') return
            }
            ending.is = 'done'
        } catch (error) {
            Object.assign(ending, { is: 'failed', error })
        }
        tellNews()
    }
    void feed()
    try {
        for (;;) {
            const { oldest } = underWay
            if (oldest !== undefined) {
                const [response = ''] = await oldest.responses.catch((error: unknown) => {
                    throw failureAt(oldest.line, error)
                })
                yield response
                underWay.takeOldest(response)
            } else if (ending.is !== 'no') break
            else await new Promise<void>((tell) => (tellNews = tell))
        }
    } finally {
        if (ending.is === 'no') ending.is = 'unwanted'
        underWay.clear()
    }
    if (ending.is === 'failed') throw ending.error
}

/** What became of the event in a line, told so that whoever gave it knows where to go on. */
function failureAt(line: number, error: unknown): unknown {
    if (error instanceof AppFailure) {
        const { code, message, hint } = appError(error)
        const known = `It is line ${line} of the input. The lines before it are in the log; that line and those behind it are not.`
        const goOn = `To go on, mend the app and give the lines from ${line} on, or leave that line out.`
        return new ComplogError(code, `${message} ${known}`, {
            hint: error.kind === 'threw' ? goOn : `${goOn} ${hint ?? ''}`,
            cause: error,
        })
    }
    if (error instanceof RefusedCall) {
        const { code, message, hint, cause } = error
        const known = `The lines before line ${line} of the input are in the log; that line and those behind it are not.`
        return new ComplogError(code, `${message} ${known}`, { hint, cause })
    }
    return error
}
