// Records of migrations that were never written. A host of April 2020 hashes the record that sets the
// migrated state, names it as the parent of the next one, and forgets it. Whoever has the state can make the
// record again, and the name that the next one has for it proves that it is the same.
import type { IndexedLog } from '../../check/check-log.js'
import { isCopy } from '../../composition/chain/links.js'
import { type CompositionHash, genesis, hashOfLine } from '../../composition/hash.js'
import { serializeRecord } from '../../composition/serialize-record.js'
import { partOf, type RemovedPart } from './removed-lines.js'

/** A record that is put back. */
export interface PutBack {
    readonly hash: CompositionHash
    /** Where the record stands that it is put in front of; the file's path. */
    readonly file: string
    readonly line: number
}

/** What is to be put in front of one record. */
export interface MissingMigrations {
    readonly putBack: readonly PutBack[]
    readonly part: RemovedPart
    /** The record that they stand behind. */
    readonly behind: CompositionHash
}

/**
 * Finds those that lead from one line to the next, where nothing else does.
 * @param states texts that migrations made; several where one came behind the other
 */
export function missingMigrations(
    { store, index: { table, diagnosis } }: IndexedLog,
    states: readonly string[],
): readonly MissingMigrations[] {
    // The hash decides whether a line end behind it is the file's alone.
    const asGiven = [states, states.map((state) => state.replace(/\r?\n$/, ''))]
    const found: MissingMigrations[] = []
    for (let row = 1; row < table.rows; row++) {
        const isUnknown = table.findParent(row) < 0 && table.parentHash(row) !== genesis
        if (!isUnknown || diagnosis.links.parents[row] === isCopy) continue
        const behind = table.hash(row - 1)
        const lines = asGiven
            .map((texts) => linesBetween(behind, table.parentHash(row), texts))
            .find((between) => between !== undefined)
        const at = table.place(row)
        const file = store.logFiles.at(at.file)
        if (lines === undefined || file === undefined) continue
        const text = lines.map((line) => `${line.toString()}\n`).join('')
        found.push({
            putBack: lines.map((line) => ({ hash: hashOfLine(line), file: file.path, line: at.line })),
            part: partOf(file, [], [{ atBytes: at.offsetBytes, text }]),
            behind,
        })
    }
    return found
}

function linesBetween(
    behind: CompositionHash,
    before: CompositionHash,
    states: readonly string[],
): readonly Buffer[] | undefined {
    for (const form of forms) {
        for (const first of states.keys()) {
            const lines: Buffer[] = []
            let parentHash = behind
            for (const setState of states.slice(first)) {
                const line = form(serializeRecord({ parentHash, setState }))
                lines.push(line)
                parentHash = hashOfLine(line)
                if (parentHash === before) return lines
            }
        }
    }
    return undefined
}

const escape = (found: string) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`

/** Newtonsoft.Json, by which these hosts write, escapes three characters that JavaScript leaves. */
const forms: readonly ((line: Buffer) => Buffer)[] = [
    (line) => Buffer.from(line.toString().replace(/[\u0085\u2028\u2029]/g, escape)),
    (line) => line,
]
