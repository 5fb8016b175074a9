// A mark is found as it would be in a list of them.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import fc from 'fast-check'

import { hashOfLine } from '../../../../src/core/composition/hash.js'
import { type Mark, Marks } from '../../../../src/core/fast/pieces/marks.js'

describe('marks', () => {
    test('are found by their position, before it and behind it', () => {
        const steps = fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 40 })
        fc.assert(
            fc.property(steps, fc.integer({ min: 0, max: 220 }), (gaps, asked) => {
                const marks = new Marks()
                const listed: Mark[] = []
                for (const gap of gaps) {
                    const position = (listed.at(-1)?.position ?? 0) + gap
                    const parentHash = hashOfLine(Buffer.from(String(position)))
                    const mark = {
                        position,
                        file: gap,
                        offsetBytes: position * 2 ** 33,
                        lineNumber: gap,
                        parentHash,
                    }
                    marks.add(mark)
                    listed.push(mark)
                }
                assert.equal(marks.length, listed.length)
                const before = listed.findLast(({ position }) => position <= asked)
                assert.deepEqual(marks.lastUpTo(asked), before)
                const behind = listed.find(({ position }) => position >= asked)
                assert.deepEqual(marks.firstFrom(asked), behind)
            }),
        )
    })
})
