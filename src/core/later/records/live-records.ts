// Which records count: a revert makes all between it and its target void. Read from the first record on, the
// ones that count are a stack.
import { type Finding, finding } from '../../composition/finding.js'
import type { StoreGeneration } from '../../generations/generation.js'
import type { LaterRecordTable, NamedHash } from './record-table.js'

/** What the reverts of a log leave. */
export interface LiveRecords {
    /** Whether a record counts, by its row. */
    readonly isLive: (row: number) => boolean
    /** How many do not. */
    readonly void: number
    /** Of a revert, the row of its target. */
    readonly targets: ReadonlyMap<number, number>
    readonly findings: readonly Finding[]
}

/**
 * The newest record of the log is live; before it those that a host comes to when it reads backwards, and
 * passes over all that lies between a live revert and its target.
 */
export function liveRecords(
    table: LaterRecordTable,
    reverts: readonly NamedHash[],
    { order, hosts }: StoreGeneration,
): LiveRecords {
    const targets = new Map<number, number>()
    const findings: Finding[] = []
    if (reverts.length === 0) return { isLive: () => true, void: 0, targets, findings }
    const stack = new Int32Array(table.length)
    const height = new Int32Array(table.length).fill(-1)
    let top = 0
    const isOn = (row: number) =>
        height[row] !== -1 && stack[height[row] as number] === row && (height[row] as number) < top
    let next = 0
    for (let row = 0; row < table.length; row++) {
        const revert = reverts[next]
        if (revert?.row === row) {
            next++
            const target = table.find(revert.hash)
            const problem =
                target < 0
                    ? 'is not in the log'
                    : target >= row
                      ? 'stands behind it'
                      : isOn(target)
                        ? ''
                        : 'was void'
            // Hosts of 2020 and 2021 go back to a void record too.
            const isOfHeadFile = order === 'head-file' || table.placeAt(row).line === undefined
            if (problem !== '' && !(problem === 'was void' && isOfHeadFile)) {
                const message = `It goes back to ${revert.hash.slice(0, 12)}…, which ${problem}.`
                findings.push(
                    finding('revert-target', message, {
                        place: table.placeAt(row),
                        hash: table.hashAt(row),
                        host: hosts?.chain,
                    }),
                )
            }
            if (target >= 0 && target < row) {
                targets.set(row, target)
                top = isOn(target) ? (height[target] as number) + 1 : rebuilt(target)
            }
            // Cut off with the beginning of the log: a host that looks for it passes over all that is left.
            if (target < 0) top = 0
        }
        stack[top] = row
        height[row] = top++
    }
    const live = new Uint8Array(table.length)
    for (let i = 0; i < top; i++) live[stack[i] as number] = 1
    return { isLive: (row) => live[row] === 1, void: table.length - top, targets, findings }

    /** The stack as it was when a record that is void now was the newest. */
    function rebuilt(target: number): number {
        const line: number[] = []
        for (let row = target; row >= 0; row = targets.get(row) ?? row - 1) line.push(row)
        line.reverse()
        for (const [i, row] of line.entries()) {
            stack[i] = row
            height[row] = i
        }
        return line.length
    }
}
