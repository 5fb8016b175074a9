// A median without an interval says nothing about a noisy machine. The interval comes from the ranks of the
// samples (the binomial distribution of how many lie below the true median), so it assumes nothing about
// their distribution.
import { binomialDistribution, median } from 'simple-statistics'

/** A median, and the interval in which the true one lies with confidence. */
export interface Interval {
    readonly median: number
    readonly low: number
    readonly high: number
}

/** 97.5 %, so that a statement about two medians at once holds with 95 %. */
const confidence = 0.975

/**
 * The median of some samples with its interval. With fewer than 7 samples the interval is as wide as the
 * samples are, and holds with less confidence.
 */
export function medianInterval(samples: readonly number[]): Interval {
    const sorted = samples.toSorted((a, b) => a - b)
    const n = sorted.length
    if (n === 0) return { median: 0, low: 0, high: 0 }
    const rank = lowerRank(n)
    return { median: median(sorted), low: sorted[rank] as number, high: sorted[n - 1 - rank] as number }
}

/** Samples needed for an interval that holds with the stated confidence. */
export const samplesForConfidence = 7

/** The highest index that the true median lies above often enough. */
function lowerRank(n: number): number {
    const probabilities = binomialDistribution(n, 0.5) ?? []
    let tail = 0
    let rank = 0
    for (let i = 0; i < n / 2; i++) {
        tail += probabilities[i] ?? 0
        if (2 * tail > 1 - confidence) break
        rank = i
    }
    return rank
}
