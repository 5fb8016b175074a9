// Many events are fed at once, and their answers may be more than the app's memory holds, though each alone is not.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import {
    AppFailure,
    type ElmAppInstance,
    type InputBatch,
    type PackedBatch,
} from '../../../src/core/elm-app/elm-app.js'
import type { PersistentProcess } from '../../../src/core/process/persistent-process.js'
import { inProcess } from '../../support/in-process-app.js'
import { openAndCheck, recordsOf } from '../../support/stores.js'
import { temporaryFolder } from '../../support/temporary.js'
import { opened } from './opening.js'

const largeAnswersMax = 10

/**
 * Has no memory for more large answers than that at a time, nor for the event `leak` alone. Its state is its number of
 * events. A replay wants no answers.
 */
function crowded() {
    let started = 0
    let largestBatch = 0
    const counter = inProcess<number>({
        initialState: 0,
        process: (event, state) => [state + 1, event],
        serialize: String,
        deserialize: Number,
    })
    const start = async (): Promise<ElmAppInstance> => {
        started += 1
        const instance = await counter.start()
        let failure: AppFailure | undefined
        const apply = (batch: InputBatch | PackedBatch) => {
            if ('inputs' in batch) largestBatch = Math.max(largestBatch, batch.inputs.length)
            failure ??= batch.collectResponses === true && 'inputs' in batch ? tooMuch(batch) : undefined
            return failure === undefined ? instance.apply(batch) : Promise.reject(failure)
        }
        return { ...instance, apply }
    }
    /** Inputs of the largest batch since it was last asked for. */
    const takeLargestBatch = () => {
        const taken = largestBatch
        largestBatch = 0
        return taken
    }
    return { app: { ...counter, start }, started: () => started, takeLargestBatch }
}

function tooMuch({ inputs }: InputBatch): AppFailure | undefined {
    let held = 0
    const inputIndex = inputs.findIndex((event) => {
        held += event === 'large' ? 1 : 0
        return held > largeAnswersMax || event === 'leak'
    })
    if (inputIndex < 0) return undefined
    return new AppFailure({ kind: 'out-of-memory', during: 'event', inputIndex, reason: 'too much' })
}

const answersTo = (process: PersistentProcess, events: readonly string[]) =>
    Promise.allSettled(events.map((event) => process.processEvents([event])))

const times = (count: number, event: string) => Array.from({ length: count }, () => event)

test('an event is not to blame for the memory that others of its batch have filled', async (t) => {
    const store = temporaryFolder(t)
    const process = await opened(t, store, { app: crowded().app })
    await answersTo(process, times(3, 'small'))
    const events = [...times(40, 'large'), 'leak', ...times(40, 'large')]
    const answers = await answersTo(process, events)
    assert.deepEqual(
        answers.map(({ status }) => status),
        events.map((event) => (event === 'leak' ? 'rejected' : 'fulfilled')),
    )
    await process.close()
    const records = await recordsOf((await openAndCheck(store)).longest)
    const texts = records.map(({ events, setState }) => setState ?? events.join())
    assert.deepEqual(texts, [...times(3, 'small'), ...times(80, 'large')])
})

test('after a batch that was too much for the memory of the app, the next ones are smaller', async (t) => {
    const { app, started } = crowded()
    const process = await opened(t, temporaryFolder(t), { app })
    for (let i = 0; i < 10; i++) {
        await answersTo(process, times(3, 'small'))
        const answers = await answersTo(process, times(50, 'large'))
        assert.ok(answers.every(({ status }) => status === 'fulfilled'))
    }
    assert.ok(started() >= 2 && started() <= 6, `started ${started()} times`)
})

test('they grow again, by and by, while all goes well', async (t) => {
    const { app, takeLargestBatch } = crowded()
    const process = await opened(t, temporaryFolder(t), { app })
    await answersTo(process, times(3, 'small'))
    await answersTo(process, times(40, 'large'))
    const sizes: number[] = []
    for (let i = 0; i < 12; i++) {
        takeLargestBatch()
        await answersTo(process, times(200, 'small'))
        sizes.push(takeLargestBatch())
    }
    assert.ok(sizes[0]! < 60, sizes.join())
    assert.ok(sizes.at(-1)! > sizes[0]! && sizes.at(-1)! < 200, sizes.join())
})
