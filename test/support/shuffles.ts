// Orders in which the lines of a log may stand, for properties that hold whatever the order.
import fc from 'fast-check'

import type { LogLines } from './stores.js'

/** Any order of the lines of a log, over the same files: with as many lines each, or with any number. */
export function shuffledLogs(log: LogLines): fc.Arbitrary<LogLines> {
    const files = Object.keys(log)
    const lines = Object.values(log).flat()
    const indices = lines.map((_, i) => i)
    const order = fc.shuffledSubarray(indices, { minLength: lines.length, maxLength: lines.length })
    const asBefore = Object.values(log).flatMap((inFile, file) => inFile.map(() => file))
    const anywhere = fc.array(fc.nat(files.length - 1), { minLength: lines.length, maxLength: lines.length })
    return fc.tuple(order, fc.oneof(fc.constant(asBefore), anywhere)).map(([shuffled, fileOfLine]) => {
        const shuffledLog: LogLines = Object.fromEntries(files.map((file) => [file, []]))
        shuffled.forEach((index, i) =>
            shuffledLog[files[fileOfLine[i] as number] as string]?.push(lines[index] as Buffer),
        )
        return shuffledLog
    })
}
