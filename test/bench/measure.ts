// Rows beside what they are measured by, in rounds: a machine that is slower for a while is so for both.
import { type Comparison, compare } from './compare.js'

export interface Yardstick {
    readonly name: string
    /** Runs once; milliseconds. */
    readonly run: () => number
    /** Whether it takes so little time that it can be run again beside every row. */
    readonly isShort: boolean
}

export interface Row {
    readonly what: string
    readonly yardstick: Yardstick
    /** The largest ratio that is good enough; absent where it is only measured. */
    readonly target?: number | undefined
    /** How often in a round; default once. For what takes so little that its times scatter. */
    readonly repeats?: number
    /** Runs once; milliseconds. */
    readonly run: () => number
    /** Runs once more; millions of bytes. */
    readonly memory?: () => number
}

export interface MeasuredRow extends Comparison {
    readonly row: Row
    readonly memoryMegabytes: number | undefined
}

/** Runs everything once to warm up, and then so many rounds. Rows of one yardstick should stand together. */
export function measure(rows: readonly Row[], rounds: number): readonly MeasuredRow[] {
    for (const yardstick of new Set(rows.map((row) => row.yardstick))) yardstick.run()
    const memory = rows.map((row) => {
        if (row.memory) return row.memory()
        row.run()
        return undefined
    })
    const samples = rows.map((): { milliseconds: number; yardstick: number }[] => [])
    for (let round = 0; round < rounds; round++) {
        let last: { readonly of: Yardstick; readonly milliseconds: number } | undefined
        for (const [i, row] of rows.entries()) {
            const { yardstick, repeats = 1 } = row
            for (let repeat = 0; repeat < repeats; repeat++) {
                if (last?.of !== yardstick || yardstick.isShort)
                    last = { of: yardstick, milliseconds: yardstick.run() }
                samples[i]?.push({ milliseconds: row.run(), yardstick: last.milliseconds })
            }
        }
    }
    return rows.map((row, i) => ({
        row,
        memoryMegabytes: memory[i],
        ...compare(samples[i] ?? [], row.target),
    }))
}
