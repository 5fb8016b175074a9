// The same in a store since 2020-05, which is no chain of records alone: all that its records do is looked
// for, where a table tells what they do before any is read.
import { setImmediate } from 'node:timers/promises'

import { throwIfInterrupted } from '../interruption.js'
import { rowAt, rowFromTime } from '../later/contents/row-at.js'
import type { EventKind } from '../later/records/record.js'
import type { Limits } from '../limits.js'
import type { EventToTest } from './events-to-test.js'
import { kindsToldByText, type LaterHistory } from './later-records.js'
import {
    type Bound,
    type Hit,
    hitsIn,
    isNameOfDoing,
    isOfKind,
    refuseReversed,
    type SearchOptions,
    Tests,
} from './search.js'

export interface SearchLaterOptions
    extends Omit<SearchOptions, 'app' | 'changed' | 'head' | 'onBrokenChain'> {
    readonly limits: Limits
}

const rowsPerTurn = 512

/**
 * Yields hits as they are found, the oldest first.
 * @throws ComplogError `condition-failed`, `usage`, `unknown-ref`, `ambiguous-ref`, `store-changed`
 */
export async function* searchLater(
    history: LaterHistory,
    { limits, ...options }: SearchLaterOptions,
): AsyncGenerator<Hit> {
    const { read } = history
    const { since, until = { kind: 'head' as const } } = options
    const row = (bound: Bound) => rowAt(read, bound.kind === 'moment' ? { ...bound, kind: 'time' } : bound)
    const from =
        since === undefined
            ? 0
            : since.kind === 'moment'
              ? rowFromTime(read, since.posixMilliseconds)
              : row(since)
    const to = read.headRow < 0 ? -1 : row(until)
    refuseReversed(options, { from: from + 1, to: to + 1 })
    const withoutApp = 'complog replays no app on a store of this generation.'
    await using tests = await Tests.start({ limits, withoutApp }, options)
    options.onStretch?.(to + 1)
    yield* hitsIn(placesInLater(history, tests, { ...options, from, to }), tests)
}

async function* placesInLater(
    history: LaterHistory,
    tests: Tests,
    { from, to, kind, signal, onProgress }: SearchOptions & { readonly from: number; readonly to: number },
): AsyncGenerator<EventToTest | 'pause'> {
    const { log, store } = history.read
    // Where a record may do several things, the table tells the last.
    const isTold = store.generation.order !== 'parents'
    const needles = kind !== undefined && isNameOfDoing(kind) ? [] : tests.needles
    for (let row = from; row <= to; row++) {
        if ((row - from) % rowsPerTurn === 0) {
            throwIfInterrupted(signal)
            // So that a signal comes in between.
            await setImmediate()
            onProgress?.({ activity: 'search', done: row - from, total: to - from + 1, unit: 'records' })
            yield 'pause'
        }
        if (isTold && kind !== undefined && isOfOther(log.table.kindAt(row), kind)) continue
        if (needles.length > 0 && !history.mayHold(row, needles)) continue
        const record = history.at(row)
        for (const [eventIndex, told] of record.events.entries())
            yield { record, eventIndex, text: told.text, told }
    }
}

/** Whether what a record does says already that it is not of a kind. */
function isOfOther(does: EventKind, kind: string): boolean {
    const isKnown = !kindsToldByText.has(does) || isNameOfDoing(kind)
    return isKnown && !isOfKind({ kind: does, does }, kind)
}
