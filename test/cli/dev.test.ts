import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'

import { packageFolder } from '../support/build.js'
import { run, withApp } from '../support/cli.js'
import { fixtureStores } from '../support/stores.js'
import { temporaryFolder } from '../support/temporary.js'

test('bin/dev.js runs the command from its sources, wherever one stands', async (t) => {
    const { path, expected } = fixtureStores[2]!
    const args = [join(packageFolder, 'bin', 'dev.js'), 'replay', path, ...withApp(), '--from-genesis']
    const { exitCode, stdout, stderr } = await run(process.execPath, args, { cwd: temporaryFolder(t) })
    assert.deepEqual([exitCode, stdout], [0, expected.state], stderr)
})
