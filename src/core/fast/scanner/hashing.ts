// Two ways to hash. The scanner hashes four records at once with plain vector instructions; Node hashes one
// at a time, costs more to call, and then is faster where the processor has instructions for SHA-256.
import { hash } from 'node:crypto'

import type { Scanner } from './scanner.js'

const sampleSizeBytes = 1 << 16
/** What Node takes at most where the processor has instructions for SHA-256; else it is about 2 ns. */
const nanosecondsPerByteMax = 1.1
/** From here on Node is the faster one: with such instructions, and without. */
const scannerHashSizeBytesMax = { withInstructions: 375, without: 16_000 }

/** Two bytes a character: the cheapest way to 32 bytes. Node takes it, though its types do not say so. */
const utf16 = 'utf16le' as 'binary'

/** The size of the largest record that the scanner should hash on this machine. */
export function calibrateHashing(): number {
    const sample = Buffer.alloc(sampleSizeBytes)
    let best = Infinity
    for (let i = 0; i < 5; i++) {
        const begin = performance.now()
        hash('sha256', sample, 'binary')
        best = Math.min(best, performance.now() - begin)
    }
    const nanosecondsPerByte = (best * 1e6) / sampleSizeBytes
    return nanosecondsPerByte <= nanosecondsPerByteMax
        ? scannerHashSizeBytesMax.withInstructions
        : scannerHashSizeBytesMax.without
}

/** Hashes every record in the tables, but those that were entered with their hash. */
export function hashAll(scanner: Scanner, records: number, byScannerSizeBytesMax: number): void {
    const sizeBytesMax = Math.min(byScannerSizeBytesMax, scanner.hashSizeBytesMax)
    scanner.hashRecords(records, sizeBytesMax)
    for (let row = 0; row < records; row++) {
        const sizeBytes = scanner.size(row)
        if (sizeBytes <= sizeBytesMax) continue
        scanner.setHash(row, hash('sha256', scanner.bytes(row), utf16))
    }
}
