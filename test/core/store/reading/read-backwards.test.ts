import assert from 'node:assert/strict'
import { truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import fc from 'fast-check'

import { ComplogError } from '../../../../src/core/errors.js'
import { chunkSizeBytes } from '../../../../src/core/limits.js'
import { listFiles, type StoreFile } from '../../../../src/core/store/listing/list-files.js'
import { readBackwards } from '../../../../src/core/store/reading/read-backwards.js'
import { readForwards } from '../../../../src/core/store/reading/read-forwards.js'
import { temporaryFolder } from '../../../support/temporary.js'
import { thinned } from '../../../support/thinned.js'

interface Found {
    readonly offsetBytes: number
    readonly text: string
    readonly ended: boolean
}

async function backwards(file: StoreFile, lineSizeBytesMax = chunkSizeBytes * 10): Promise<Found[]> {
    const found: Found[] = []
    for await (const lines of readBackwards(file, { lineSizeBytesMax })) {
        for (const { offsetBytes, bytes, ended } of lines)
            found.push({ offsetBytes, text: bytes.toString('latin1'), ended })
    }
    return found
}

/** The lines that are not blank. */
async function forwards(file: StoreFile): Promise<Found[]> {
    const found: Found[] = []
    for await (const lines of readForwards(file, { lineSizeBytesMax: chunkSizeBytes * 10 })) {
        for (const { offsetBytes, bytes, end } of lines)
            if (bytes.length > 0)
                found.push({ offsetBytes, text: bytes.toString('latin1'), ended: end !== 'none' })
    }
    return found
}

async function fileOf(path: string, content: Uint8Array | string): Promise<StoreFile> {
    writeFileSync(path, content)
    const { files } = await listFiles(join(path, '..'), { onlyFile: 'log' })
    return files.at(0)!
}

test('a file read from its end has the same lines as from its beginning', async (t) => {
    const path = join(temporaryFolder(t), 'log')
    const text = fc.oneof(fc.constantFrom('\n', '\r\n', '\r', '\uFEFF', ''), fc.string({ maxLength: 10 }))
    await fc.assert(
        fc.asyncProperty(fc.array(text, { maxLength: 20 }), async (parts) => {
            const file = await fileOf(path, parts.join(''))
            assert.deepEqual(await backwards(file), (await forwards(file)).reverse())
        }),
    )
})

test('so it has where lines lie across the chunks it is read in, and are longer than these', async (t) => {
    const path = join(temporaryFolder(t), 'log')
    const near = chunkSizeBytes
    for (const [nth, sizes] of [
        [near - 1, near - 1],
        [near, near],
        [near - 2, 0, near + 1],
        [5, 3 * near + 7, 5],
        [2 * near, 10, 2 * near],
    ].entries()) {
        for (const [i, end] of ['\n', '\r\n'].entries()) {
            for (const lastEnd of thinned([(nth + i) % 2 === 0 ? end : ''], [end, ''])) {
                const lines = sizes.map((size, i) => String(i % 10).repeat(size))
                const file = await fileOf(path, lines.join(end) + lastEnd)
                assert.deepEqual(await backwards(file), (await forwards(file)).reverse())
            }
        }
    }
})

test('what stands before the beginning that a file was given is not read', async (t) => {
    const file = await fileOf(join(temporaryFolder(t), 'log'), 'a\nbb\nccc\n')
    const cut = file.with({ beginBytes: 2 })
    const texts = (found: readonly Found[]) => found.map(({ text, offsetBytes }) => [text, offsetBytes])
    assert.deepEqual(texts(await backwards(cut)), [
        ['ccc', 5],
        ['bb', 2],
    ])
    assert.deepEqual(texts(await forwards(cut)), [
        ['bb', 2],
        ['ccc', 5],
    ])
})

test('a line longer than the bound stops the reading, wherever it lies', async (t) => {
    const path = join(temporaryFolder(t), 'log')
    for (const size of [101, 5000, chunkSizeBytes + 1, 3 * chunkSizeBytes]) {
        const file = await fileOf(path, `a\n${'x'.repeat(size)}\nb\n`)
        await assert.rejects(backwards(file, 100), (error) => {
            assert.ok(error instanceof ComplogError)
            assert.equal(error.code, 'limit-exceeded')
            assert.match(error.hint ?? '', /--max-line-size/)
            return true
        })
    }
    const file = await fileOf(path, `a\n${'x'.repeat(100)}\r\nb\n`)
    assert.equal((await backwards(file, 100)).length, 3)
})

test('a file that becomes shorter meanwhile is noticed', async (t) => {
    const path = join(temporaryFolder(t), 'log')
    const file = await fileOf(path, 'a\nb\n')
    truncateSync(path, 2)
    await assert.rejects(backwards(file), (error) => (error as ComplogError).code === 'store-changed')
})
