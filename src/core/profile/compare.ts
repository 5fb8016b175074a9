// Better, worse, or nobody can tell: the three honest answers of a comparison.
import { type Interval, medianInterval, samplesForConfidence } from './interval.js'

/** What two series of measurements say about each other. */
export interface BaselineComparison {
    /** Whether the restore is slower or faster than the baseline at all, as far as noise lets one say. */
    readonly answer: 'slower' | 'faster' | 'cannot-tell'
    /** How many times as long as the baseline it takes, with the interval in which the true ratio lies. */
    readonly ratio: Interval
    /** Slower than allowed, with confidence. */
    readonly regressed: boolean
    /** Whether more runs could change what `regressed` says. */
    readonly inDoubt: boolean
}

/**
 * @param samples times of now, in units of the reference work that was timed beside each
 * @param baseline the same, of the baseline
 * @param maxSlowdown how much slower is allowed, as a fraction: 0.1 for 10 %
 */
export function compareWithBaseline(
    samples: readonly number[],
    baseline: readonly number[],
    maxSlowdown: number,
): BaselineComparison {
    const now = medianInterval(samples)
    const then = medianInterval(baseline)
    const ratio = { median: now.median / then.median, low: now.low / then.high, high: now.high / then.low }
    const enough = samples.length >= samplesForConfidence && baseline.length >= samplesForConfidence
    const allowed = 1 + maxSlowdown
    return {
        answer: enough && ratio.low > 1 ? 'slower' : enough && ratio.high < 1 ? 'faster' : 'cannot-tell',
        ratio,
        regressed: enough && ratio.low > allowed,
        inDoubt: samples.length < samplesForConfidence || (ratio.low <= allowed && ratio.high > allowed),
    }
}
