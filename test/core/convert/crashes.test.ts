import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { convert } from '../../../src/core/convert/convert.js'
import { targetAt } from '../../../src/core/convert/targets.js'
import { readLater } from '../../../src/core/later/reading/read-later.js'
import { restoreLater } from '../../../src/core/restore/later/restore-later.js'
import { laterStoreAt } from '../../../src/core/store/recognise.js'
import { crashAfter } from '../../support/crash.js'
import { isError } from '../../support/is-error.js'
import { unpackLater } from '../../support/later-stores.js'
import { readFiles, temporaryFolder } from '../../support/temporary.js'
import { thinned } from '../../support/thinned.js'

const stepsMax = 200
const mark = '.complog/unfinished-output'

for (const to of ['2021-06', '2024']) {
    test(`a store for hosts of ${to} is whole, or has no log, or says that it is unfinished`, async (t) => {
        const folder = temporaryFolder(t)
        const source = laterStoreAt(unpackLater('truncated-v2022-03-20', folder))
        assert.ok(source)
        const state = '{"count":1}'
        // An app that hosts of any time would take for one of theirs.
        const text = 'interfaceToHost_processEvent = "httpRequest" "HttpRequestEvent"\nwebServerMain = 1\n'
        const app = new Map([
            ['elm.json', Buffer.from('{}')],
            ['src/Main.elm', Buffer.from(text)],
        ])
        const before = readFiles(source.root)
        for (let steps = 0; steps < stepsMax; steps += steps < 3 ? 1 : thinned(9, 5)) {
            const output = join(folder, `new-${steps}`)
            const options = { target: targetAt(to), output, state, app }
            const isDone = await crashAfter(steps, () => convert(source, options))
            const files = Object.keys(readFiles(output)).filter((path) => !path.endsWith('lock'))
            const made = laterStoreAt(output)
            const hasLog = files.some((path) => path.startsWith('composition'))
            assert.deepEqual(readFiles(source.root), before)
            if (isDone) {
                assert.ok(made && !files.includes(mark))
                const read = await readLater(made)
                assert.equal((await restoreLater(read, {})).state, state)
                assert.ok(steps > 10, `${steps} steps`)
                return
            }
            assert.ok(!hasLog || files.includes(mark), files.join(' '))
            // Run again, it begins anew where nothing is, and else says what there is.
            const isBegun = readdirSync(output).some((name) => name !== '.complog')
            assert.ok(isBegun || steps <= 1)
            if (!isBegun) assert.equal((await convert(source, options)).records, 2)
            else await assert.rejects(convert(source, options), isError('output-not-empty', /killed run/))
        }
        assert.fail(`not done after ${stepsMax} steps`)
    })
}
