// A fixed piece of work of the same kind as a restore, timed beside every run. Dividing by it takes out that a machine
// is faster or slower than the one of the baseline, or than it was a minute ago.
import { hashOfLine } from '../composition/hash.js'
import { parseRecord } from '../composition/record.js'

const line = Buffer.from(
    '{"ParentHashBase16":"E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855","AppendedEvents":[{"LiteralString":"{\\"addition\\":1}"}]}',
)
const repetitions = 10_000

/** Milliseconds for hashing and parsing 10,000 records of 145 bytes. */
export function referenceWorkMilliseconds(): number {
    const begin = performance.now()
    for (let i = 0; i < repetitions; i++) {
        hashOfLine(line)
        parseRecord(line)
    }
    return performance.now() - begin
}
