import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { type CheckedValues, checkValues } from '../../../../src/core/later/reading/check-values.js'
import { listLater } from '../../../../src/core/later/reading/list-later.js'
import { readListed } from '../../../../src/core/later/reading/read-later.js'
import type { ValueHash } from '../../../../src/core/later/values/value.js'
import { laterStoreAt } from '../../../../src/core/store/recognise.js'
import { expectedOfLater, unpackLater } from '../../../support/later-stores.js'
import { temporaryFolder } from '../../../support/temporary.js'

test('a record that is another when it is read the second time is refused, and not left out', async (t) => {
    const path = unpackLater('g3-plain', temporaryFolder(t))
    const listed = await listLater(laterStoreAt(path)!)
    const values = await checkValues(listed.values, { withRecords: true })
    assert.equal(
        (await readListed(listed, { values })).log.table.length,
        expectedOfLater('g3-plain').records.length,
    )
    const [, [hash] = ['']] = expectedOfLater('g3-plain').records
    writeFileSync(join(path, 'component', hash.slice(0, 2), hash), 'blob 2\0{}')
    await assert.rejects(readListed(listed, { values }), {
        code: 'store-changed',
        message: new RegExp(`${hash} changed`),
    })
})

test('however many records go on beside the head, each is walked once', async (t) => {
    const listed = await listLater(laterStoreAt(unpackLater('g3-plain', temporaryFolder(t)))!)
    const values = await checkValues(listed.values, { withRecords: true })
    const lines = 20
    const length = 50
    const nameOf = (line: number, at: number) =>
        createHash('sha256')
            .update(`${at < length - 1 ? 0 : line} ${at}`)
            .digest('hex') as ValueHash
    const records = new Map(values.records)
    for (let line = 0; line < lines; line++)
        for (let at = 0; at < length; at++)
            records.set(nameOf(line, at), at === 0 ? undefined : nameOf(line, at - 1))
    let walked = 0
    const withMore = new Proxy(values, {
        get: (target, key) => {
            if (key === 'records') return records
            if (key !== 'has') {
                const of = target[key as keyof CheckedValues] as unknown
                return typeof of === 'function' ? (of as () => unknown).bind(target) : of
            }
            return (hash: ValueHash) => {
                walked++
                return records.has(hash) || target.has(hash)
            }
        },
    })
    const { log } = await readListed(listed, { values: withMore })
    const forks = log.findings.list.filter(({ id }) => id === 'fork')
    assert.deepEqual(
        forks.map((fork) => fork.lines),
        Array.from({ length: lines }, () => length),
    )
    assert.ok(walked < 4 * records.size, `${walked}`)
})
