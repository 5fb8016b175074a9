// Where a replay that has to stop can go the fast way. Packed records go by in bulk, so a stop needs an end of its own;
// where stops are near each other, reading record by record is faster than to begin anew behind each.

/** Records that a replay goes through in one go. */
export interface Stretch {
    /** Positions in the chain, both included. */
    readonly from: number
    readonly to: number
    /** Where to stop, ascending; a packed one stops at its end at most. */
    readonly stops: readonly number[]
    readonly isPacked: boolean
}

/** To begin anew takes as long as to read so many records one by one. */
const packedRecordsMin = 16_384

/** @param stops ascending, from the first position to the last */
export function stretchesOf(from: number, to: number, stops: readonly number[]): readonly Stretch[] {
    const stretches: Stretch[] = []
    let near: number[] = []
    let begin = from
    let before = from - 1
    const endsAtStop = stops.at(-1) === to
    for (const end of endsAtStop ? stops : [...stops, to]) {
        const isStop = end !== to || endsAtStop
        if (end - before >= packedRecordsMin) {
            if (before >= begin) stretches.push({ from: begin, to: before, stops: near, isPacked: false })
            stretches.push({ from: before + 1, to: end, stops: isStop ? [end] : [], isPacked: true })
            near = []
            begin = end + 1
        } else if (isStop) near.push(end)
        before = end
    }
    if (begin <= to) stretches.push({ from: begin, to, stops: near, isPacked: false })
    return stretches
}
