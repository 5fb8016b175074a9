import assert from 'node:assert/strict'
import { test } from 'node:test'
import { constants, deflateRawSync } from 'node:zlib'

import fc from 'fast-check'

import { hashOfValue, type Value, type ValueHash } from '../../../../src/core/later/values/value.js'
import {
    type Decoded,
    decodeBinaryForm,
    decodeEitherBinaryForm,
    decodeHashForm,
    decodeJsonForm,
} from '../../../../src/core/later/values/value-forms.js'

/** As it is written out, for tests. */
type Tree = string | readonly Tree[]

const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
    tree: fc.oneof({ maxDepth: 4 }, fc.string({ maxLength: 9 }), fc.array(tie('tree'), { maxLength: 4 })),
}))

function hashOf(value: Tree): ValueHash {
    return typeof value === 'string'
        ? hashOfValue({ kind: 'blob', bytes: Buffer.from(value) })
        : hashOfValue({ kind: 'list', items: value.map(hashOf) })
}

function numberOf(value: number, sizeBytes: 4 | 8): Buffer {
    const bytes = Buffer.alloc(sizeBytes)
    if (sizeBytes === 4) bytes.writeInt32BE(value)
    else bytes.writeBigInt64BE(BigInt(value))
    return bytes
}

/** Everything in one expression. */
function binaryOf(value: Tree, sizeBytes: 4 | 8): Buffer {
    if (typeof value !== 'string') {
        const items = value.map((item) => binaryOf(item, sizeBytes))
        return Buffer.concat([numberOf(3, 4), numberOf(value.length, sizeBytes), ...items])
    }
    const bytes = Buffer.from(value)
    const padding = Buffer.alloc((4 - (bytes.length % 4)) % 4)
    return Buffer.concat([numberOf(1, 4), numberOf(bytes.length, sizeBytes), bytes, padding])
}

function jsonOf(value: Tree): Buffer {
    const entries: object[] = []
    const add = (each: Tree): string => {
        const items = typeof each === 'string' ? null : each.map(add)
        const key = `${items === null ? 'blob' : 'list'}-${entries.length}`
        const base64 = typeof each === 'string' ? Buffer.from(each).toString('base64') : null
        entries.push({ Key: key, Value: { BlobBytesBase64: base64, ListItemsKeys: items } })
        return key
    }
    add(value)
    return Buffer.from(JSON.stringify(entries))
}

const treeIn = (decoded: Decoded): Tree => {
    if ('problem' in decoded) assert.fail(decoded.problem)
    const from = (hash: ValueHash): Tree => {
        const value = decoded.values.get(hash) as Value
        return value.kind === 'blob' ? value.bytes.toString() : value.items.map(from)
    }
    return from(decoded.hash)
}

test('every form gives the value that was written, with its hash', () => {
    fc.assert(
        fc.property(tree, (value) => {
            for (const decoded of [
                decodeJsonForm(jsonOf(value)),
                decodeBinaryForm(Buffer.concat([numberOf(0, 4), binaryOf(value, 4)]), 4),
                decodeBinaryForm(Buffer.concat([numberOf(0, 8), binaryOf(value, 8)]), 8),
                decodeEitherBinaryForm(Buffer.concat([numberOf(0, 4), binaryOf(value, 4)]), hashOf(value)),
                decodeEitherBinaryForm(Buffer.concat([numberOf(0, 8), binaryOf(value, 8)]), hashOf(value)),
            ]) {
                assert.deepEqual(treeIn(decoded), value)
                assert.equal('hash' in decoded && decoded.hash, hashOf(value))
            }
        }),
    )
})

test('the tree of the format page has the hash that it has there', () => {
    const hex =
        '00000000 00000003 00000001 00000003 00000002 00000001 00000004 00000061 00000001 00000001 78000000'
    const decoded = decodeBinaryForm(Buffer.from(hex.replaceAll(' ', ''), 'hex'), 4)
    assert.equal(
        'hash' in decoded && decoded.hash,
        '4ab5d47f8395f9225669406cbd4586d145dc906aa8edd107d4f567de6a56a8cf',
    )
})

test('a hash form says how long it is, in digits alone, and is that long', () => {
    for (const text of [
        'blob 3\0ab',
        'blob 03\0abc',
        'blob +3\0abc',
        'blob -1\0',
        'list 1\0abc',
        'blob 3abc',
        '',
        'blob ',
    ])
        assert.ok('problem' in decodeHashForm(Buffer.from(text)), text)
    assert.deepEqual(treeIn(decodeHashForm(Buffer.from('blob 3\0abc'))), 'abc')
})

test('no bytes, and no change of good ones, make a reader throw or never end', () => {
    const bytes = Buffer.concat([numberOf(0, 4), binaryOf(['a', ['b', 'c'], []], 4)])
    fc.assert(
        fc.property(
            fc.uint8Array({ maxLength: 80 }),
            fc.nat(bytes.length - 1),
            fc.nat(255),
            (any, at, byte) => {
                const changed = Buffer.from(bytes)
                changed[at] = byte
                for (const each of [Buffer.from(any), changed]) {
                    decodeHashForm(each)
                    decodeJsonForm(each)
                    decodeBinaryForm(each, 4)
                    decodeBinaryForm(each, 8)
                }
            },
        ),
    )
})

test('values nested too deep, and more items than bytes, are refused', () => {
    const deep = Buffer.concat([
        numberOf(0, 4),
        ...Array.from({ length: 100_000 }, () => Buffer.concat([numberOf(3, 4), numberOf(1, 4)])),
    ])
    assert.match((decodeBinaryForm(deep, 4) as { problem: string }).problem, /nested/)
    const wide = Buffer.concat([numberOf(0, 4), numberOf(3, 4), numberOf(0x7fffffff, 4)])
    assert.match((decodeBinaryForm(wide, 4) as { problem: string }).problem, /more than the \d+ bytes/)
    assert.ok('problem' in decodeJsonForm(Buffer.from('['.repeat(200_000))))
    assert.ok(deflateRawSync(deep, { finishFlush: constants.Z_SYNC_FLUSH }).length < deep.length)
})
