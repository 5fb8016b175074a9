/** Of a list in order, for how many of its first indices something is so, which is so for no other. */
export function countWhile(length: number, isSo: (index: number) => boolean): number {
    let [low, high] = [0, length]
    while (low < high) {
        const middle = (low + high) >>> 1
        if (isSo(middle)) low = middle + 1
        else high = middle
    }
    return low
}
