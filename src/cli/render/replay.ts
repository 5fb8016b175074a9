import wrapAnsi from 'wrap-ansi'

import { genesis, shortHash } from '../../core/composition/hash.js'
import type { Restored } from '../../core/restore/restore.js'
import type { GivenStateResult } from '../json/later-results.js'
import type { Style } from '../text/terminal.js'
import { countOf, formatMilliseconds } from '../text/units.js'

/** For stderr: where it started, what it replayed, where it ended. */
export function renderReplaySummary(restored: Restored, { columns }: Style): string {
    const { hash, position, records, events, milliseconds } = restored
    const time = formatMilliseconds(milliseconds.total)
    if (hash === genesis) return `The log is empty: this is the initial state of the app. It took ${time}.\n`
    const record = `record ${position === null ? '' : `#${position}, `}${shortHash(hash)}…`
    const replayed = `${countOf(records, 'record')} and ${countOf(events, 'event')}`
    return `${wrapAnsi(`Restored ${record}: from ${startText(restored)}, replayed ${replayed}, in ${time}.`, columns)}\n`
}

/** For stderr: whose state it is, and what gives it. */
export function renderGivenState(result: GivenStateResult, { columns }: Style): string {
    const { hash, position, given, format, records, events, milliseconds } = result
    const record = `record #${position}, ${hash.slice(0, 12)}…`
    const source = {
        reduction: 'the reduction',
        'set-state': 'the state that was set',
        deployment: 'the initial state, in the deployment',
    }[given.kind]
    const replayed = `, replayed ${countOf(records, 'record')} and ${countOf(events, 'event')}`
    const isReplayed = records > 0 || given.kind === 'deployment'
    const goesBack = given.hash !== hash && !isReplayed ? ', to which it goes back' : ''
    const where =
        given.hash === hash ? 'of it' : `of #${given.position}, ${given.hash.slice(0, 12)}…${goesBack}`
    const made = format === 'json' ? ', as JSON' : ''
    const text = `The state after ${record}: from ${source} ${where}${made}${isReplayed ? replayed : ''}, in ${formatMilliseconds(milliseconds)}.`
    return `${wrapAnsi(text, columns)}\n`
}

function startText({ start }: Restored): string {
    if (start.kind === 'initial-state') return 'the initial state'
    return `the reduction of ${start.position === null ? '' : `#${start.position}, `}${shortHash(start.hash)}…`
}
