import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { test } from 'node:test'

import { setEnvironment } from '../core/elm-app/temporary.js'
import { binary } from '../support/build.js'
import { assertExamples } from '../support/examples.js'
import { temporaryFolder, writeFiles } from '../support/temporary.js'

const missing = ['parallel', 'jq'].find((command) => spawnSync(command, ['--version']).status !== 0)
const skip = missing === undefined ? false : `${missing} is not there`

test('every example of many stores prints what its page says', { skip }, async (t) => {
    // Parallel starts shells of its own, which look for the command on the path.
    const bin = temporaryFolder(t)
    writeFiles(bin, { complog: `#!/bin/sh\nexec '${process.execPath}' '${binary}' "$@"\n` })
    chmodSync(join(bin, 'complog'), 0o755)
    setEnvironment(t, { PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}` })
    assert.ok((await assertExamples('docs/fleet.md', temporaryFolder(t))) >= 5)
})
