// The inner loop: everything here is paid once an event, so it does no more than it must.

import type { AppCalls } from './app-calls.js'
import { setStateKind, type BatchResult, type InputBatch } from './instance.js'
import type { SharedProgress } from './worker-protocol.js'

/** Applies a batch to the app's state, marking each input's beginning in `progress`. Throws what the app throws. */
export function applyBatch(
    app: AppCalls,
    batch: InputBatch,
    progress: SharedProgress,
): Omit<BatchResult, 'heapUsedBytes'> {
    const { inputs, kinds } = batch
    const responses: string[] | undefined = batch.collectResponses === true ? [] : undefined
    const milliseconds = batch.measure === true ? new Float64Array(inputs.length) : undefined
    let events = 0
    let decodeErrors = 0
    let firstDecodeErrorIndex = -1
    let index = 0
    for (const input of inputs) {
        const isState = kinds[index] === setStateKind
        progress.enter(isState ? 'set-state' : 'event', index)
        const before = milliseconds === undefined ? 0 : performance.now()
        const response = isState ? undefined : app.processEvent(input)
        if (isState) app.setState(input)
        if (milliseconds !== undefined) milliseconds[index] = performance.now() - before
        if (response !== undefined) {
            events += 1
            responses?.push(response)
            if (isDecodeError(response)) {
                decodeErrors += 1
                if (firstDecodeErrorIndex < 0) firstDecodeErrorIndex = index
            }
        }
        index += 1
    }
    return {
        events,
        decodeErrors,
        firstDecodeErrorIndex,
        ...(responses === undefined ? {} : { responses }),
        ...(milliseconds === undefined ? {} : { inputMilliseconds: milliseconds }),
    }
}

const decodeErrorStart = /^\s*\{\s*"decodeError"\s*:/

/** Whether a response is a JSON object with the single key decodeError. Parses only what starts like one. */
export function isDecodeError(response: string): boolean {
    if (!decodeErrorStart.test(response)) return false
    try {
        return Object.keys(JSON.parse(response) as object).length === 1
    } catch {
        return false
    }
}
