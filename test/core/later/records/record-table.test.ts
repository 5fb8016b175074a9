// A table of records says of each what was entered, however its lines stand.
import assert from 'node:assert/strict'
import test from 'node:test'

import fc from 'fast-check'

import { LaterRecordTable } from '../../../../src/core/later/records/record-table.js'
import type { ValueHash } from '../../../../src/core/later/values/value.js'

const line = fc.record({
    sizeBytes: fc.oneof(
        { weight: 19, arbitrary: fc.integer({ min: 1, max: 300 }) },
        { weight: 1, arbitrary: fc.constantFrom(0xfffe, 0xffff, 0x10000, 1_000_000) },
    ),
    /** Of the line end, and of empty lines behind it. */
    gapBytes: fc.constantFrom(1, 1, 1, 1, 2, 3),
    kind: fc.constantFrom('event' as const, 'event' as const, 'event' as const, 'set-state' as const),
})
const files = fc.array(
    fc.record({ isFast: fc.boolean(), lines: fc.array(line, { minLength: 1, maxLength: 200 }) }),
    { maxLength: 6 },
)

test('a record stands where it was entered', () => {
    fc.assert(
        fc.property(files, (all) => {
            const table = new LaterRecordTable()
            const listed = all.map((_, i) => ({ path: `file ${i}` }))
            const expected: unknown[] = []
            for (const [i, { isFast, lines }] of all.entries()) {
                const file = table.addFile(listed, i)
                let offsetBytes = 0
                for (const [n, { sizeBytes, gapBytes, kind }] of lines.entries()) {
                    const hash = String(expected.length).padStart(64, '0') as ValueHash
                    if (!isFast) table.add({ hash, kind, file, line: n + 1, offsetBytes, sizeBytes })
                    const place = { file: `file ${i}`, line: n + 1, offsetBytes, sizeBytes }
                    expected.push({ hash, kind: isFast ? 'event' : kind, place })
                    offsetBytes += sizeBytes + (isFast ? 1 : gapBytes)
                }
                if (!isFast) continue
                const first = expected.length - lines.length
                const hex = lines.map((_, n) => String(first + n).padStart(64, '0')).join('')
                table.addLines({
                    kind: 'event',
                    file,
                    lines: Uint32Array.of(lines.length),
                    sizesBytes: Uint32Array.from(lines, ({ sizeBytes }) => sizeBytes),
                    hashes: Buffer.from(hex, 'hex'),
                })
            }
            const entered = expected.map((_, row) => ({
                hash: table.hashAt(row),
                kind: table.kindAt(row),
                place: table.placeAt(row),
            }))
            assert.deepEqual(entered, expected)
            for (const [row, { hash }] of entered.entries()) assert.equal(table.find(hash), row)
            assert.equal(table.find('f'.repeat(64) as ValueHash), -1)
            if (entered.length === 0) return
            // Of two with one hash, the first.
            const [{ hash }] = entered as [(typeof entered)[number]]
            table.add({ hash, kind: 'event', file: 0, line: 999, offsetBytes: 0, sizeBytes: 1 })
            assert.equal(table.find(hash), 0)
        }),
        { numRuns: 50 },
    )
})
