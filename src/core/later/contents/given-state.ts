// The state of the app after a record, where something in the store gives it: the reduction of that record,
// or the record itself, which sets a state. No app is needed for that, and no event is replayed.
import type { Ref } from '../../composition/ref.js'
import { countOf } from '../../counts.js'
import { ComplogError } from '../../errors.js'
import type { ReadLater } from '../reading/read-later.js'
import type { ValueHash } from '../values/value.js'
import { rowAt } from './row-at.js'
import { type ReadState, stateFrom } from './state-json.js'

/** A state, and what gives it. */
export interface GivenState extends ReadState {
    /** The record after which the app is in this state. */
    readonly hash: ValueHash
    /** From 1, all records counted. */
    readonly position: number
    /** The record whose reduction or event gives it: another one where records went back to that. */
    readonly given: {
        readonly kind: 'reduction' | 'set-state'
        readonly hash: ValueHash
        readonly position: number
    }
    /** What could mean something else too, or not count to the app, as sentences. */
    readonly ambiguous: readonly string[]
}

const notReadByApp =
    'The state is the text that an administrator has set. Where the app does not read such a text, hosts of 2022 and later keep the state as it was before.'

/**
 * The state after a record.
 * @param until the record; default: the newest
 * @throws ComplogError `no-reduction` where only the app could say, `unknown-ref`, `ambiguous-ref`,
 * `error-findings` where the value is damaged, `limit-exceeded`
 */
export function givenState(read: ReadLater, until: Ref = { kind: 'head' }): GivenState {
    const { table } = read.log
    const row = rowAt(read, until)
    const source = givenBy(read, row)
    if (source === undefined) throw onlyByReplay(read, row)
    const at = { hash: table.hashAt(source.row), position: source.row + 1 }
    const state = stateFrom(read, source.state)
    const isUnsure = source.kind === 'set-state' && state.format === 'text'
    return {
        ...state,
        ambiguous: isUnsure ? [...state.ambiguous, notReadByApp] : state.ambiguous,
        hash: table.hashAt(row),
        position: row + 1,
        given: { kind: source.kind, ...at },
    }
}

interface Source {
    readonly kind: GivenState['given']['kind']
    readonly row: number
    readonly state: ValueHash
}

/** What gives the state after a record: its reduction or event, or where it goes back, its target's. */
export function givenBy({ log, values, reductions, live }: ReadLater, from: number): Source | undefined {
    for (let row: number | undefined = from; row !== undefined; row = live.targets.get(row)) {
        const { state } = reductions.byHash.get(log.table.hashAt(row)) ?? {}
        if (state !== undefined && values.has(state)) return { kind: 'reduction', row, state }
        const set = log.table.kindAt(row) === 'set-state' ? log.namedBy(row) : undefined
        if (set !== undefined) return { kind: 'set-state', row, state: set }
    }
    return undefined
}

/** @param why no app can say either, as a sentence */
export function onlyByReplay(read: ReadLater, from: number, why?: string): ComplogError {
    const { log, live } = read
    let records = 0
    for (let row = from; row >= 0; row = live.targets.get(row) ?? row - 1) {
        if (givenBy(read, row) === undefined) {
            records++
            continue
        }
        const hash = log.table.hashAt(row).slice(0, 12)
        return noReduction(
            from,
            why,
            `The newest state that is given is that of #${row + 1}, ${hash}…, ${countOf(records, 'record')} before: \`replay --until ${hash}\` prints it.`,
        )
    }
    return noReduction(from, why, 'Nothing before it gives a state either.')
}

function noReduction(row: number, why = 'Only the app could say.', hint: string): ComplogError {
    const message = `Neither a reduction nor the record itself gives the state after record #${row + 1}.`
    return new ComplogError('no-reduction', `${message} ${why}`, { hint })
}
