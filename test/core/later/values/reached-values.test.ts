import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'

import { ReachedValues } from '../../../../src/core/later/values/reached-values.js'
import { hashOfBlob } from '../../../../src/core/later/values/value.js'
import { listValueFiles } from '../../../../src/core/later/values/value-files.js'
import { temporaryFolder, writeFiles } from '../../../support/temporary.js'

const hashes = Array.from({ length: 9 }, (_, i) => hashOfBlob(Buffer.from(`value ${i}`)))

test('values are known once, those with a file in the order in which they were reached', async (t) => {
    const root = join(temporaryFolder(t), 'store')
    for (const [i, hash] of hashes.slice(0, 8).entries()) {
        const folders = i < 4 ? ['component'] : i < 6 ? ['literal-element'] : ['literal-element', 'component']
        for (const folder of folders) writeFiles(root, { [`${folder}/${hash.slice(0, 2)}/${hash}`]: '' })
    }
    const { byHash } = await listValueFiles(root)
    const reached = new ReachedValues(byHash)
    const order = [5, 8, 0, 7, 3, 4].map((i) => hashes[i]!)
    assert.deepEqual(
        order.concat(order).map((hash) => reached.add(hash)),
        order.map(() => true).concat(order.map(() => false)),
    )
    assert.deepEqual(
        [...reached.withFile()],
        order.filter((hash) => hash !== hashes[8]),
    )
    assert.deepEqual(
        hashes.map((hash) => reached.has(hash)),
        hashes.map((hash) => order.includes(hash)),
    )
    assert.deepEqual(
        [5, 0, 8, 6].map((i) => reached.ordinalOf(hashes[i]!)),
        [1, 2, 0, 0],
    )
})
