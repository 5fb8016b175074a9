// The lines of a log in an order that has nothing to do with that of the chain, the same on every machine.
import { closeSync, existsSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs'

import { type BenchLog, logFileIn, makeFolderOf } from './make-log.js'

const readSizeBytes = 1 << 20
const linesPerWrite = 4096
const version = 1

/** Made once, and left beside the log for the next time. Holds the offsets of the lines in memory, not the lines. */
export function cachedShuffledLog(log: BenchLog): BenchLog {
    const store = `${log.store}-shuffled-v${version}`
    if (!existsSync(store)) {
        const unfinished = `${store}-unfinished`
        rmSync(unfinished, { recursive: true, force: true })
        makeFolderOf(logFileIn(unfinished))
        shuffle(log, logFileIn(unfinished))
        renameSync(unfinished, store)
    }
    return { ...log, store, file: logFileIn(store) }
}

function shuffle(log: BenchLog, file: string): void {
    const from = openSync(log.file, 'r')
    const to = openSync(file, 'w')
    // Offsets of the line ends, the beginning of the file being one.
    const ends = lineEnds(from, log.records)
    const order = shuffledNumbers(log.records)
    for (let at = 0; at < order.length; at += linesPerWrite) {
        const lines = Array.from(order.subarray(at, at + linesPerWrite), (line) => {
            const begin = ends[line] as number
            const bytes = Buffer.allocUnsafe((ends[line + 1] as number) - begin)
            readSync(from, bytes, 0, bytes.length, begin)
            return bytes
        })
        writeSync(to, Buffer.concat(lines))
    }
    closeSync(from)
    closeSync(to)
}

function lineEnds(descriptor: number, lines: number): Float64Array {
    const ends = new Float64Array(lines + 1)
    const bytes = Buffer.allocUnsafe(readSizeBytes)
    let line = 1
    for (let position = 0; ; ) {
        const read = readSync(descriptor, bytes, 0, bytes.length, position)
        if (read === 0) break
        const piece = bytes.subarray(0, read)
        for (let feed = piece.indexOf(0x0a); feed >= 0; feed = piece.indexOf(0x0a, feed + 1))
            ends[line++] = position + feed + 1
        position += read
    }
    if (line !== ends.length) throw new Error(`The log has ${line - 1} lines instead of ${lines}.`)
    return ends
}

/** The numbers below `count`, in any order: Fisher and Yates with mulberry32. */
export function shuffledNumbers(count: number): Uint32Array {
    const numbers = Uint32Array.from({ length: count }, (_, i) => i)
    let seed = 1
    for (let i = count - 1; i > 0; i--) {
        seed = (seed + 0x6d2b79f5) | 0
        let mixed = Math.imul(seed ^ (seed >>> 15), seed | 1)
        mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
        const j = Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * (i + 1))
        const other = numbers[j] as number
        numbers[j] = numbers[i] as number
        numbers[i] = other
    }
    return numbers
}
