// The bytes of a new record, as hosts have written them since 2019-04-10: what does not apply is left out.
import type { CompositionHash } from './hash.js'

/** What a new record says. With neither a state nor events it says nothing, and is a record all the same. */
export interface NewRecord {
    readonly parentHash: CompositionHash
    /** The serialised state to set before the events are fed. */
    readonly setState?: string | undefined
    readonly events?: readonly string[] | undefined
}

/** The line of a record, without its line end. */
export function serializeRecord({ parentHash, setState, events }: NewRecord): Buffer {
    return Buffer.from(
        JSON.stringify({
            ParentHashBase16: parentHash,
            ...(setState !== undefined && { SetState: literal(setState) }),
            ...(events !== undefined && { AppendedEvents: events.map(literal) }),
        }),
    )
}

function literal(text: string): { readonly LiteralString: string } {
    return { LiteralString: text }
}
