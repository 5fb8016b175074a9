// What a difference consists of.

/**
 * One change from a JSON text to another. Only `before`: it was removed; only `after`: it was added; both:
 * another value stands there; neither, but `from`: it was moved. All values are JSON as it was written.
 *
 * What is removed or moved away is named by its place before, all else by its place after. So whoever takes
 * out those, the last one first, and then puts in the others, the first one first, gets the other JSON.
 */
export interface Change {
    /** JSON pointer (RFC 6901). */
    readonly pointer: string
    /** Where a moved item stood before, as a JSON pointer. */
    readonly from?: string
    readonly before?: string
    readonly after?: string
    /**
     * What tells apart the items of the innermost list around it, as JSON: the `id` or `key` of an object, or
     * the first of a pair. Absent where items of a list are told apart by where they stand.
     */
    readonly item?: string
}

/** A stretch of a text that became another one. */
export interface TextChange {
    /** Line in the text before, from 1. */
    readonly line: number
    /** UTF-16 code units in front of it in the text before. */
    readonly offset: number
    readonly before: string
    readonly after: string
}
