// What a check of thousands of small files asks the system for: each is opened, read and closed, and nothing more. It is
// told from two stores, of which one has more files, so that what Node takes to start does not count.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'

import { makeStore, type Shape, shapes } from '../bench/small-file-stores.js'
import { binary } from '../support/build.js'
import { run } from '../support/cli.js'
import { temporaryFolder } from '../support/temporary.js'

const counter = fileURLToPath(new URL('../support/count-calls.mjs', import.meta.url))
/** Fewer are looked at each. */
const files = 260
const moreFiles = 340

/** Calls by their names in Node. */
async function callsOf(store: string): Promise<Readonly<Record<string, number>>> {
    const COMPLOG_TEST_CALLS = `${store}.json`
    const args = ['--import', counter, binary, 'verify-chain', store, '--json']
    const { exitCode, stdout } = await run(process.execPath, args, { env: { COMPLOG_TEST_CALLS } })
    assert.equal(exitCode, 0, stdout)
    return JSON.parse(readFileSync(COMPLOG_TEST_CALLS, 'utf8')) as Record<string, number>
}

describe('verify-chain asks the system for no more of each small file than what is in it', () => {
    const cases: Record<string, { shape: Shape; filesEach?: number }> = {
        'an hour each, with a reduction': { shape: shapes.hourly, filesEach: 2 },
        'a minute each, so large that two threads read them': {
            shape: { ...shapes.minutes, recordsPerFile: 1, recordSizeBytes: 65_000 },
        },
        'a minute each, since 2021': { shape: shapes['minutes since 2021'] },
    }
    for (const [what, { shape, filesEach = 1 }] of Object.entries(cases)) {
        test(what, async (t) => {
            const folder = temporaryFolder(t)
            const [few, many] = [join(folder, 'few'), join(folder, 'many')]
            makeStore(few, shape, files)
            makeStore(many, shape, files + moreFiles)
            const [ofFew, ofMany] = [await callsOf(few), await callsOf(many)]
            const each = Object.entries(ofMany)
                .map(([name, calls]) => [name, Math.round((calls - (ofFew[name] ?? 0)) / moreFiles)] as const)
                .filter(([, calls]) => calls !== 0)
            const expected = { close: filesEach, open: filesEach, read: filesEach }
            assert.deepEqual(Object.fromEntries(each), expected)
        })
    }
})
