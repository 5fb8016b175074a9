// The table that finds parents: whole hashes count, and nobody can make hashes that crowd it.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import test from 'node:test'

import type { CompositionHash } from '../../../../src/core/composition/hash.js'
import { type SharedRows, shareRows } from '../../../../src/core/fast/pieces/piece-rows.js'
import { LinkTable, orderRows } from '../../../../src/core/fast/shuffled/link-rows.js'

const rows = 20_000

/** Rows of which each is the parent of the next one. @param hashOf 32 bytes, of as many different kinds as there are rows */
function chainOf(hashOf: (row: number) => Buffer): SharedRows {
    const shared = shareRows(rows * 62, 0, 1)
    assert.ok(shared)
    const [hashes, parents] = [bytesOf(shared.hashes), bytesOf(shared.parents)]
    for (let row = 0; row < rows; row++) {
        hashes.set(hashOf(row), row * 32)
        if (row + 1 < rows) parents.set(hashOf(row), (row + 1) * 32)
    }
    parents.set(randomBytes(32), 0)
    return shared
}

const bytesOf = ({ buffer }: Uint32Array) => Buffer.from(buffer as SharedArrayBuffer)

function linked(shared: SharedRows): LinkTable {
    const table = new LinkTable(shared, rows, new Uint32Array(rows * 2))
    const parts = [...table.link(() => assert.fail('No hash stands there twice.'))]
    assert.equal(parts.at(-1), 1)
    return table
}

const inOrder = Int32Array.from({ length: rows }, (_, row) => row - 1)

test('hashes that were made to be alike crowd no part of the table', () => {
    // Three bytes differ: far more are equal than anybody could find, and in many such logs each.
    const kinds: readonly ((row: number) => Buffer)[] = [
        (row) => counted(Buffer.alloc(32), 5, row),
        (row) => counted(Buffer.alloc(32, 0xff), 0, row),
        (row) => counted(Buffer.alloc(32, 0xa5), 2, row << 4),
        // As a sound log's hashes are, for comparison.
        (row) => counted(Buffer.from(seeded(row)), 28, row),
    ]
    for (const [kind, hashOf] of kinds.entries()) {
        const table = linked(chainOf(hashOf))
        assert.deepEqual(table.parents, inOrder)
        assert.ok(table.probes < 4 * rows, `${kind}: ${table.probes} slots for ${rows} rows`)
    }
})

function counted(bytes: Buffer, at: number, row: number): Buffer {
    bytes.writeUIntLE(row, at, 3)
    return bytes
}

const noise = randomBytes(rows * 32)
const seeded = (row: number) => noise.subarray(row * 32, row * 32 + 32)

test('hashes that differ in any one bit only are told apart', () => {
    const base = randomBytes(32)
    const flipped = Array.from({ length: 256 }, (_, bit) => {
        const bytes = Buffer.from(base)
        bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7))
        return bytes
    })
    const hashOf = (row: number) => flipped[row] ?? Buffer.from(seeded(row))
    const table = linked(chainOf(hashOf))
    assert.deepEqual(table.parents, inOrder)
    const upperHex = (bytes: Buffer) => bytes.toString('hex').toUpperCase() as CompositionHash
    for (let row = 0; row < 300; row++) assert.equal(table.find(upperHex(hashOf(row))), row)
    assert.equal(table.find(upperHex(base)), -1)
})

test('the walk gives the chain, and nothing where the rows are no one chain', () => {
    const order = Uint32Array.from({ length: rows }, (_, row) => (row * 7919) % rows)
    const parents = new Int32Array(rows).fill(-1)
    for (let i = 1; i < rows; i++) parents[order[i] as number] = order[i - 1] as number
    assert.deepEqual(ordered(parents), order)
    assert.deepEqual(ordered(Int32Array.of(-1)), Uint32Array.of(0))
    assert.equal(ordered(new Int32Array()), undefined)
    // A fork, and a piece without its parent.
    const [middle, end] = [order[rows >> 1] as number, order[rows - 1] as number]
    assert.equal(ordered(parents.with(end, middle)), undefined)
    assert.equal(ordered(parents.with(middle, -1)), undefined)
    // What whole hashes cannot be.
    assert.equal(ordered(parents.with(middle, end)), undefined)
})

function ordered(parents: Int32Array): Uint32Array | undefined {
    const steps = orderRows(parents, new Uint32Array(parents.length))
    for (;;) {
        const { done, value } = steps.next()
        if (done === true) return value
    }
}
