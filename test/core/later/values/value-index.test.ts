import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'

import { hashOfBlob } from '../../../../src/core/later/values/value.js'
import { listValueFiles } from '../../../../src/core/later/values/value-files.js'
import { temporaryFolder, writeFiles } from '../../../support/temporary.js'

const hashes = Array.from({ length: 300 }, (_, i) => hashOfBlob(Buffer.from(`value ${i}`)))
const inFolder = (folder: string, hash: string) => `${folder}/${hash.slice(0, 2)}/${hash}`

test('each value is found by its hash, its files in the order of hosts, and nothing else is', async (t) => {
    const root = join(temporaryFolder(t), 'store')
    const [first, second] = [hashes.slice(0, 200), hashes.slice(150, 299)]
    const wrong = hashes[299]!
    writeFiles(root, {
        ...Object.fromEntries(second.map((hash) => [inFolder('component', hash), '2'])),
        ...Object.fromEntries(first.map((hash) => [inFolder('literal-element', hash), '1'])),
        [`component/${wrong}`]: '',
        [`component/00/${wrong.slice(2)}`]: '',
        [`component/${wrong.slice(0, 2) === 'ff' ? '00' : 'ff'}/${wrong}`]: '',
    })
    const { byHash, strangers } = await listValueFiles(root)
    for (const [i, hash] of hashes.entries()) {
        const folders = byHash.get(hash).map(({ file, folder }) => {
            assert.equal(file.path, inFolder(folder.path, hash))
            return folder.path
        })
        const expected = [i < 200 && 'literal-element', i >= 150 && i < 299 && 'component'].filter(Boolean)
        assert.deepEqual(folders, expected)
        assert.equal(byHash.has(hash), expected.length > 0)
    }
    assert.deepEqual([...byHash.keys()].sort(), hashes.slice(0, 299).sort())
    assert.deepEqual([byHash.size, [...byHash.files()].length, strangers.length], [299, 349, 3])

    const isFirst = ({ path }: { readonly path: string }) => path.startsWith('literal-element')
    const some = byHash.filtered(isFirst)
    assert.deepEqual([some.size, some.has(first[0]!), some.has(second.at(-1)!)], [200, true, false])
    const whole = some.plus(byHash)
    assert.deepEqual([whole.size, [...whole.files()].length], [299, 299])
    assert.equal(
        byHash.filtered(() => true),
        byHash,
    )
})
