// Finds a text among the bytes of a log, at 16 places at a time.

/** The address of the first place between two others where a text stands as a whole; 0: there is none. */
export function find(from: usize, end: usize, text: usize, sizeBytes: usize): usize {
    if (from + sizeBytes > end) return 0
    const behind = sizeBytes - 1
    const limit = end - behind
    const first = i8x16.splat(load<i8>(text))
    const last = i8x16.splat(load<i8>(text + behind))
    for (let at = from; at < limit; at += 16) {
        const ends = v128.and(i8x16.eq(v128.load(at), first), i8x16.eq(v128.load(at + behind), last))
        for (let places = i8x16.bitmask(ends); places != 0; places &= places - 1) {
            const place = at + (ctz(places) as usize)
            if (place < limit && memory.compare(place, text, sizeBytes) == 0) return place
        }
    }
    return 0
}
