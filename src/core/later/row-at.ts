// Which record of a store of 2020-05 or later a person means.
import type { Ref } from '../composition/ref.js'
import { refText } from '../composition/ref.js'
import { ComplogError } from '../errors.js'
import type { ReadLater } from './read-later.js'

/**
 * The row of a record.
 * @throws ComplogError `unknown-ref`, `ambiguous-ref`
 */
export function rowAt({ log: { table } }: ReadLater, ref: Ref): number {
    const row = namedRow(table, ref) - (ref.back ?? 0)
    if (row >= 0 && row < table.length) return row
    throw new ComplogError('unknown-ref', `No record is named ${refText(ref)}: the log has ${table.length}.`)
}

function namedRow(table: ReadLater['log']['table'], ref: Ref): number {
    if (ref.kind === 'head') return table.length - 1
    if (ref.kind === 'number') return ref.position - 1
    if (ref.kind === 'time') {
        throw new ComplogError('usage', 'In a store of this generation a record is not named by a time.', {
            hint: 'Name it by its hash, by #12, or by head~3.',
        })
    }
    const prefix = ref.prefix.toLowerCase()
    const rows: number[] = []
    for (let row = 0; row < table.length; row++) if (table.hashAt(row).startsWith(prefix)) rows.push(row)
    if (rows.length > 1) {
        throw new ComplogError('ambiguous-ref', `${rows.length} records begin with ${prefix}.`, {
            hint: 'Write more digits of the hash.',
        })
    }
    return rows[0] ?? -1
}
