import assert from 'node:assert/strict'
import { test } from 'node:test'

import fc from 'fast-check'

import { type Line, LineSplitter } from '../../../src/core/composition/lines.js'
import { anyText } from '../../support/any-text.js'

/** Feeds the bytes in chunks that each come in the same memory, as they do from a file. */
function split(bytes: Buffer, chunkSizes: readonly number[] = [], sizeBytesMax = 1000): Line[] {
    const splitter = new LineSplitter(sizeBytesMax)
    const lines: Line[] = []
    const memory = Buffer.alloc(Math.max(1, bytes.length))
    const keep = (found: Iterable<Line>) => {
        for (const line of found) lines.push({ ...line, bytes: Buffer.from(line.bytes) })
    }
    let position = 0
    for (let i = 0; position < bytes.length; i++) {
        const size = Math.min(
            bytes.length - position,
            Math.max(1, chunkSizes[i % chunkSizes.length] ?? bytes.length),
        )
        memory.fill(0x0a)
        bytes.copy(memory, 0, position, position + size)
        keep(splitter.push(memory.subarray(0, size)))
        position += size
    }
    keep(splitter.end())
    return lines
}

const texts = (lines: readonly Line[]) => lines.map(({ bytes }) => bytes.toString('utf8'))

/** Bytes in which what matters to a splitter is frequent. */
const logBytes = fc
    .array(
        fc.oneof(
            fc.constantFrom('\n', '\r\n', '\r', '\uFEFF', '\u2028', '🙂', ''),
            anyText({ maxLength: 20 }),
        ),
        { maxLength: 30 },
    )
    .map((parts) => Buffer.from(parts.join('')))
const chunkSizes = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 10 })

test('the lines are the same however the bytes are cut into chunks', () => {
    fc.assert(
        fc.property(logBytes, chunkSizes, fc.constantFrom(5, 10, 1000), (bytes, sizes, max) =>
            assert.deepEqual(split(bytes, sizes, max), split(bytes, [], max)),
        ),
    )
})

test('each line stands in the file at its offset with its size', () => {
    fc.assert(
        fc.property(logBytes, chunkSizes, (bytes, sizes) => {
            for (const line of split(bytes, sizes)) {
                const { offsetBytes, sizeBytes } = line
                assert.ok(line.bytes.equals(bytes.subarray(offsetBytes, offsetBytes + sizeBytes)))
                const behind = bytes.subarray(offsetBytes + sizeBytes)
                const end = { lf: /^\n/, crlf: /^\r\n/, none: /^\r?$/ }[line.end]
                assert.match(behind.toString('latin1'), end)
            }
        }),
    )
})

test('lines and their ends, put together again, are the file', () => {
    fc.assert(
        fc.property(logBytes, chunkSizes, (bytes, sizes) => {
            const ends = { lf: '\n', crlf: '\r\n', none: '' }
            const again = split(bytes, sizes).flatMap((line) => [
                Buffer.from(line.byteOrderMark ? '\uFEFF' : ''),
                line.bytes,
                Buffer.from(ends[line.end]),
            ])
            const lastCarriageReturn = bytes.at(-1) === 0x0d ? 1 : 0
            assert.deepEqual(Buffer.concat(again), bytes.subarray(0, bytes.length - lastCarriageReturn))
        }),
    )
})

test('lines are numbered from 1, blank ones too', () => {
    const lines = split(Buffer.from('a\n\nb\r\n\r\nc'))
    assert.deepEqual(texts(lines), ['a', '', 'b', '', 'c'])
    assert.deepEqual(
        lines.map(({ number }) => number),
        [1, 2, 3, 4, 5],
    )
    assert.deepEqual(
        lines.map(({ end }) => end),
        ['lf', 'lf', 'crlf', 'crlf', 'none'],
    )
})

test('a file that ends with a line end has no empty line behind it', () => {
    assert.deepEqual(texts(split(Buffer.from('a\nb\n'))), ['a', 'b'])
    assert.deepEqual(split(Buffer.alloc(0)), [])
})

test('a carriage return within a line is part of it', () =>
    assert.deepEqual(texts(split(Buffer.from('a\rb\n\r\r\n'))), ['a\rb', '\r']))

test('a byte order mark is left out at the start of the file only', () => {
    const lines = split(Buffer.from('\uFEFFa\n\uFEFFb\n'), [1])
    assert.deepEqual(texts(lines), ['a', '\uFEFFb'])
    assert.deepEqual(
        lines.map(({ byteOrderMark, offsetBytes }) => [byteOrderMark, offsetBytes]),
        [
            [true, 3],
            [false, 5],
        ],
    )
})

test('a line of just the bound is held, a byte more is not', () => {
    for (const end of ['\n', '\r\n', '']) {
        for (const mark of ['', '\uFEFF']) {
            for (const sizes of [[1], [4], [7], [1000]]) {
                const held = split(Buffer.from(`${mark}12345678${end}`), sizes, 8)
                assert.deepEqual([held[0]?.oversized, texts(held)], [false, ['12345678']])
                const tooLong = split(Buffer.from(`${mark}123456789${end}`), sizes, 8)
                assert.deepEqual([tooLong[0]?.oversized, texts(tooLong)], [true, ['']])
            }
        }
    }
})

test('an oversized line does not move what comes behind it', () => {
    const long = 'x'.repeat(100)
    for (const sizes of [[1], [3], [10], [99], [100], [101], [1000]]) {
        const lines = split(Buffer.from(`ab\n${long}\ncd\n${long}\r\nef\n`), sizes, 8)
        assert.deepEqual(texts(lines), ['ab', '', 'cd', '', 'ef'])
        assert.deepEqual(
            lines.map(({ number, offsetBytes, oversized }) => [number, offsetBytes, oversized]),
            [
                [1, 0, false],
                [2, 3, true],
                [3, 104, false],
                [4, 107, true],
                [5, 209, false],
            ],
        )
        assert.equal(lines[1]?.sizeBytes, 100)
    }
})

test('a splitter may begin in the middle of a file', () => {
    const splitter = new LineSplitter(100, { offsetBytes: 10, lineNumber: 4 })
    const [line] = splitter.push(Buffer.from('\uFEFFa\n'))
    assert.deepEqual([line?.offsetBytes, line?.number, line?.byteOrderMark], [10, 4, false])
})
