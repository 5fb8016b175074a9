// A generator of numbers with a seed, so that what a test simulates is the same each time.

/** Numbers from 0 to below 1 (mulberry32). */
export function randomNumbers(seed: number): () => number {
    let state = seed
    return () => {
        state = (state + 0x6d2b79f5) | 0
        let t = Math.imul(state ^ (state >>> 15), 1 | state)
        t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
        return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
    }
}

/** Times as restores have them: never much below the median of 1, now and then far above it. */
export function skewedTime(random: () => number): number {
    // The median of an exponential distribution with mean 1 is ln 2.
    return 0.9 + (0.1 * -Math.log(1 - random())) / Math.LN2
}

/** Half of the times around one value, half around another: a machine with two kinds of cores. */
export function twoKindsOfTime(random: () => number): number {
    return random() < 0.5 ? 1 - 0.1 * random() : 1 + 0.5 * random()
}

export function samplesOf(count: number, time: () => number): readonly number[] {
    return Array.from({ length: count }, time)
}
