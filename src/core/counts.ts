// Counts as they stand in a sentence.

/** 1,234,567 */
export function formatCount(count: number): string {
    // Not toLocaleString: the first call of that takes milliseconds.
    return String(Math.round(count)).replaceAll(/\B(?=(?:\d{3})+$)/g, ',')
}

/** `1 record`, `12 records` */
export function countOf(count: number, one: string, many = `${one}s`): string {
    return `${formatCount(count)} ${count === 1 ? one : many}`
}
