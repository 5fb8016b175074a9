import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { deflateRawSync } from 'node:zlib'

import { type CheckedValues, checkValues } from '../../../../src/core/later/reading/check-values.js'
import { hashFormOf, hashOfValue, type Value } from '../../../../src/core/later/values/value.js'
import { listValueFiles } from '../../../../src/core/later/values/value-files.js'
import { temporaryFolder, writeFiles } from '../../../support/temporary.js'

const blob = (text: string): Value => ({ kind: 'blob', bytes: Buffer.from(text) })
const [one, other, record] = [
    blob('one'),
    blob('other'),
    blob('{"compositionEvent":{"SetElmAppState":{"LiteralStringUtf8":""}}}'),
]
const list: Value = { kind: 'list', items: [one, other].map(hashOfValue) }

function inFile(folder: string, value: Value): string {
    const hash = hashOfValue(value)
    return `${folder}/${hash.slice(0, 2)}/${hash}`
}

const told = (values: CheckedValues) => ({
    hashes: [...values.hashes].sort(),
    totals: values.totals,
    items: [one, other, record, list].map((value) => values.itemsOf(hashOfValue(value))),
    records: [...values.records.keys()],
    bad: values.bad.map(({ file, problem, isFirst }) => [file.file.path, problem, isFirst]),
})

test('without some of its files, what is left of a store is told as if it were read anew, and is not read', async (t) => {
    const root = join(temporaryFolder(t), 'store')
    const bad = inFile('literal-element', one)
    const badBehind = inFile('deflated-literal-element', other)
    const files: Record<string, Buffer> = {
        [bad]: Buffer.from('blob 1\0x'),
        [inFile('deflated-literal-element', one)]: deflateRawSync(hashFormOf(one)),
        [inFile('literal-element', other)]: hashFormOf(other),
        [badBehind]: Buffer.alloc(0),
        [inFile('literal-element', record)]: hashFormOf(record),
        [inFile('component', list)]: hashFormOf(list),
    }
    const work = { withRecords: true }
    for (const gone of [
        [bad],
        [bad, badBehind],
        [inFile('literal-element', record), inFile('component', list)],
    ]) {
        writeFiles(root, files)
        const { byHash, ...listed } = await listValueFiles(root)
        const values = await checkValues({ byHash, ...listed }, work)
        for (const path of gone) rmSync(join(root, path))
        const expected = told(await checkValues(await listValueFiles(root), work))
        rmSync(root, { recursive: true })
        assert.deepEqual(told(values.within(byHash.filtered(({ path }) => !gone.includes(path)))), expected)
        assert.notDeepEqual(told(values), expected)
        assert.ok(values.bad.some(({ problem }) => problem === 'The file is empty.'))
        assert.equal(values.within(byHash.filtered(() => true)), values)
    }
})

test('a file that cannot be read is no sound one beside another', async (t) => {
    const root = join(temporaryFolder(t), 'store')
    const [bad, beside] = [inFile('literal-element', one), inFile('deflated-literal-element', one)]
    writeFiles(root, { [bad]: Buffer.from('blob 1\0x'), [beside]: deflateRawSync(hashFormOf(one)) })
    const listed = await listValueFiles(root)
    const isToldSound = async () => {
        const values = await checkValues(listed, { withRecords: false })
        return values.bad.map(({ file }) => values.hasSoundBeside(file))
    }
    assert.deepEqual(await isToldSound(), [true])
    // Listed and gone: an error of the system that needs no other user.
    rmSync(join(root, beside))
    assert.deepEqual(await isToldSound(), [false])
})

test('a value whose first file cannot be read is taken from the next sound one, and the finding stays', async (t) => {
    const root = join(temporaryFolder(t), 'store')
    const [first, beside] = [inFile('literal-element', one), inFile('deflated-literal-element', one)]
    const named = `literal-element/copies/${hashOfValue(one).toUpperCase()}`
    const packed = deflateRawSync(hashFormOf(one))
    writeFiles(root, { [first]: hashFormOf(one), [beside]: packed, [named]: hashFormOf(one) })
    const listed = await listValueFiles(root)
    rmSync(join(root, first))
    const withSound = await checkValues(listed, { withRecords: false })
    assert.deepEqual(withSound.load(hashOfValue(one)), one)
    const toldOf = ({ findings }: CheckedValues) =>
        findings.map(({ id, place, help }) => [id, place?.file, /name it as a host would/.test(help)])
    assert.deepEqual(toldOf(withSound), [
        ['unreadable-file', first, false],
        ['foreign-file', named, false],
    ])
    // Of two that are bad, neither is the value: the copy under another name is all that is left of it.
    writeFiles(root, { [beside]: packed.subarray(1) })
    const withNone = await checkValues(listed, { withRecords: false })
    assert.throws(() => withNone.load(hashOfValue(one)), { code: 'file-system' })
    assert.deepEqual(toldOf(withNone)[1], ['foreign-file', named, true])
})
