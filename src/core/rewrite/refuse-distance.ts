// A head that is named by its distance from the newest record, or from the newest at a time, is another
// record once the log ends with it: the same command, killed in its last moment and run again, would take as
// many records more.
import { type CompositionHash, shortHash } from '../composition/hash.js'
import { type Ref, refText } from '../composition/ref.js'
import { ComplogError } from '../errors.js'

/**
 * @param ref how the head was named
 * @param head what it names
 * @throws ComplogError `usage`
 */
export function refuseDistance(ref: Ref | undefined, head: CompositionHash): void {
    if (ref === undefined || (ref.back ?? 0) === 0) return
    // Any other name stands for the same record then, and so does what stands so far before it.
    if (ref.kind !== 'head' && ref.kind !== 'time') return
    throw new ComplogError(
        'usage',
        `${refText(ref)} is another record once the log ends with it, so it would not be the same command twice.`,
        { hint: `Name the record by its hash: --head ${shortHash(head)}.` },
    )
}
