// From times to a ratio and a verdict.
import { median } from 'simple-statistics'

export interface Sample {
    readonly milliseconds: number
    /** What the yardstick took in the same round. */
    readonly yardstick: number
}

export interface Comparison {
    /** Medians. */
    readonly milliseconds: number
    readonly yardstickMilliseconds: number
    /** Median of the ratios of the rounds, which is not the ratio of the medians; and the least and the most of them. */
    readonly ratio: number
    readonly leastRatio: number
    readonly mostRatio: number
    readonly verdict: 'met' | 'missed' | undefined
}

/** @throws Error where a time is none: a verdict of it would say nothing */
export function compare(samples: readonly Sample[], target: number | undefined): Comparison {
    const isTime = (value: number) => Number.isFinite(value) && value > 0
    if (samples.length === 0) throw new Error('Nothing was measured.')
    for (const { milliseconds, yardstick } of samples) {
        if (!isTime(milliseconds) || !isTime(yardstick))
            throw new Error(`${milliseconds} of ${yardstick} ms is no measurement.`)
    }
    const ratios = samples.map(({ milliseconds, yardstick }) => milliseconds / yardstick)
    const ratio = median(ratios)
    return {
        milliseconds: median(samples.map(({ milliseconds }) => milliseconds)),
        yardstickMilliseconds: median(samples.map(({ yardstick }) => yardstick)),
        ratio,
        leastRatio: Math.min(...ratios),
        mostRatio: Math.max(...ratios),
        verdict: target === undefined ? undefined : ratio <= target ? 'met' : 'missed',
    }
}
