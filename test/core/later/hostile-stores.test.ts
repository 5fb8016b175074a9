import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { deflateRawSync } from 'node:zlib'

import { listLater } from '../../../src/core/later/reading/list-later.js'
import { readListed } from '../../../src/core/later/reading/read-later.js'
import { hashOfBlob } from '../../../src/core/later/values/value.js'
import { checkRead, verifyLater } from '../../../src/core/later/verify-later.js'
import { laterStoreAt } from '../../../src/core/store/recognise.js'
import { expectedOfLater, unpackLater } from '../../support/later-stores.js'
import { temporaryFolder, writeFiles } from '../../support/temporary.js'
import { thinned } from '../../support/thinned.js'

async function found(store: string) {
    const recognised = laterStoreAt(store)
    assert.ok(recognised)
    const { findings } = await verifyLater(recognised)
    return findings.list
}

const storeIn = (t: TestContext) => unpackLater('plain-v2022-03-20', temporaryFolder(t))
const pathOf = (folder: string, hash: string) => `${folder}/${hash.slice(0, 2)}/${hash}`

test('a stream that unpacks to more than its beginning says, or than the bound, is no value', async (t) => {
    const store = storeIn(t)
    const zeros = Buffer.alloc(thinned(16, 64) * 1024 * 1024)
    const hash = hashOfBlob(Buffer.alloc(8))
    writeFiles(store, {
        [pathOf('deflated-literal-element', hash)]: deflateRawSync(
            Buffer.concat([Buffer.from('blob 8\0'), zeros]),
        ),
        [pathOf('deflated-component', 'ab'.repeat(32))]: deflateRawSync(Buffer.from('blob 99999999999999\0')),
    })
    const ids = await found(store)
    assert.deepEqual(
        ids.map(({ id, severity }) => [id, severity]),
        [
            ['value-differs', 'warning'],
            ['value-differs', 'warning'],
        ],
    )
    assert.match(ids[0]?.message ?? '', /longer than its beginning says/)
    assert.match(ids[1]?.message ?? '', /would be larger/)
})

test('names that no host gives, links and folders in circles are told, and nothing is followed twice', async (t) => {
    const store = storeIn(t)
    writeFiles(store, {
        'literal-element/ab/no-hash': 'x',
        'literal-element/AB/cd': 'y',
        'provisional-reduction/X': '',
    })
    symlinkSync('..', join(store, 'composition-log/literal/circle'))
    const ids = (await found(store)).map(({ id }) => id)
    assert.deepEqual(ids.toSorted(), ['foreign-file', 'foreign-file', 'irregular-file', 'reduction-misnamed'])
})

test('what stands in the place of a head file, or of the folder of the log, is told once, with what to do', async (t) => {
    for (const name of ['g3-plain', 'cont-g3d-g4']) {
        const store = unpackLater(name, temporaryFolder(t))
        const head = join(store, 'composition-log-head-hash')
        rmSync(head)
        mkdirSync(head)
        const errors = (await found(store)).filter(({ severity }) => severity !== 'note')
        assert.deepEqual(
            errors.map(({ id, place }) => [id, place?.file]),
            [['irregular-file', 'composition-log-head-hash']],
        )
        assert.match(errors[0]?.help ?? '', /move it away/)
    }
    const store = storeIn(t)
    rmSync(join(store, 'composition-log'), { recursive: true })
    writeFileSync(join(store, 'composition-log'), '')
    assert.deepEqual(
        (await found(store)).map(({ id }) => id),
        ['records-missing'],
    )
})

test('a log file that cannot be read is a finding to a check alone, which goes on, and stops all else', async (t) => {
    const store = laterStoreAt(storeIn(t))
    assert.ok(store)
    const listed = await listLater(store)
    const file = listed.logFiles.at(2)
    assert.ok(file)
    // Listed and gone: an error of the system that needs no other user.
    rmSync(file.absolutePath)
    await assert.rejects(readListed(listed), { code: 'file-system' })
    const { findings, head } = checkRead(await readListed(listed, { goesOn: true }))
    assert.deepEqual(
        findings.list.map(({ id, place }) => [id, place?.file]),
        [['unreadable-file', file.path]],
    )
    assert.equal(head, expectedOfLater('plain-v2022-03-20').head)
})

test('of records that are files, one that cannot be read is the same: what it may hold is not told as missing', async (t) => {
    const { records } = expectedOfLater('g3-plain')
    for (const at of [0, 12, records.length - 1]) {
        const listed = await listLater(laterStoreAt(unpackLater('g3-plain', temporaryFolder(t)))!)
        const [hash] = records[at]!
        const path = `component/${hash.slice(0, 2)}/${hash}`
        rmSync(join(listed.store.root, path))
        await assert.rejects(readListed(listed), { code: 'file-system' })
        const { findings, head } = checkRead(await readListed(listed, { goesOn: true }))
        assert.deepEqual(
            findings.list.map(({ id, place }) => [id, place?.file]),
            [['unreadable-file', path]],
        )
        assert.equal(head, records.at(at === records.length - 1 ? -2 : -1)?.[0])
    }
})

test('a record that lies in a second file as well is read there', async (t) => {
    const root = unpackLater('cont-g3d-g4', temporaryFolder(t))
    const before = readFileSync(join(root, 'composition-log-head-hash')).toString('hex')
    const path = pathOf('literal-element', before)
    writeFiles(root, { [pathOf('component', before)]: readFileSync(join(root, path)) })
    const listed = await listLater(laterStoreAt(root)!)
    rmSync(join(root, path))
    const { log } = await readListed(listed, { goesOn: true })
    assert.deepEqual([log.isRead, log.table.length], [true, expectedOfLater('cont-g3d-g4').records.length])
})

test('a newer log goes on behind a record that cannot be read, and is not called another history', async (t) => {
    const listed = await listLater(laterStoreAt(unpackLater('cont-g3d-g4', temporaryFolder(t)))!)
    const before = readFileSync(join(listed.store.root, 'composition-log-head-hash')).toString('hex')
    const path = `literal-element/${before.slice(0, 2)}/${before}`
    rmSync(join(listed.store.root, path))
    const { findings, continued } = checkRead(await readListed(listed, { goesOn: true }))
    assert.deepEqual(
        findings.list.map(({ id, severity, place }) => [id, severity, place?.file]),
        [
            ['unreadable-file', 'error', path],
            ['older-generation', 'note', undefined],
        ],
    )
    assert.deepEqual(continued, ['2020-05-06'])
})

test('lists that hold each other are walked once', async (t) => {
    // No hash can be found for a circle: here the files lie, and are only told.
    const store = storeIn(t)
    const [a, b] = ['aa'.repeat(32), 'bb'.repeat(32)]
    const listOf = (hash: string) => Buffer.concat([Buffer.from('list 1\0'), Buffer.from(hash, 'hex')])
    writeFiles(store, {
        [pathOf('literal-element', a)]: listOf(b),
        [pathOf('literal-element', b)]: listOf(a),
    })
    assert.deepEqual(
        (await found(store)).map(({ id }) => id),
        ['value-differs', 'value-differs'],
    )
})

test('a log without a record is told where reductions say that it had some', async (t) => {
    const store = storeIn(t)
    rmSync(join(store, 'composition-log/literal'), { recursive: true })
    writeFiles(store, { 'composition-log/literal/2022-04-03/2022-04-03T10-00': '' })
    assert.ok(
        (await found(store)).some(({ id, severity }) => id === 'records-missing' && severity === 'error'),
    )
})
