// Feeds a stream of events to a persistent process, one record an event, and gives the responses in the same order.
import type { PersistentProcess } from './persistent-process.js'

/** Events that may be on their way at a time: enough for one sync to serve many. */
const underWayMax = 1024

/**
 * The response to each event, in order, each only once its record is there for good. Where the events end with an
 * error, what came before is answered first, and then the error is thrown.
 */
export async function* feedEvents(
    process: Pick<PersistentProcess, 'processEvents'>,
    events: AsyncIterable<string>,
): AsyncGenerator<string> {
    const underWay: Promise<readonly string[]>[] = []
    const ending: { error?: unknown; is: 'no' | 'done' | 'failed' | 'unwanted' } = { is: 'no' }
    let tellNews = () => {}
    let tellRoom = () => {}
    const feed = async () => {
        try {
            for await (const event of events) {
                const responses = process.processEvents([event])
                // Awaited in its turn; until then a failure of it is no unhandled one.
                responses.catch(() => undefined)
                underWay.push(responses)
                tellNews()
                while (underWay.length >= underWayMax) await new Promise<void>((tell) => (tellRoom = tell))
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
            const oldest = underWay.shift()
            tellRoom()
            if (oldest !== undefined) {
                const [response = ''] = await oldest
                yield response
            } else if (ending.is !== 'no') break
            else await new Promise<void>((tell) => (tellNews = tell))
        }
    } finally {
        if (ending.is === 'no') ending.is = 'unwanted'
    }
    if (ending.is === 'failed') throw ending.error
}
