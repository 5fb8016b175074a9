import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { printable } from '../../src/cli/printable.js'
import { complog } from '../support/cli.js'
import { temporaryFolder } from '../support/temporary.js'

test('control characters are shown, not sent; line ends, tabs and all other text stay', () => {
    assert.equal(printable('\u001b]0;x\u0007\u009b31m\r\u2028'), '\\u001b]0;x\\u0007\\u009b31m\\u000d\\u2028')
    assert.equal(printable('a\n\tΕλλάδα 🙂'), 'a\n\tΕλλάδα 🙂')
})

test('neither a line of a log nor the name of a file talks to the terminal', async (t) => {
    const folder = temporaryFolder(t)
    mkdirSync(join(folder, 'composition'))
    writeFileSync(join(folder, 'composition', 'b\u001b[31m.jsonl'), '\u001b]0;evil\u0007{bad\n')
    const { exitCode, stdout, stderr } = await complog(['verify-chain', folder])
    assert.equal(exitCode, 3)
    // eslint-disable-next-line no-control-regex -- They are what must not be there.
    assert.doesNotMatch(stdout + stderr, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/)
    assert.match(stdout, /none: no line is a record/)
})

test('the name of a file stays on one line', async (t) => {
    const folder = temporaryFolder(t)
    mkdirSync(join(folder, 'composition'))
    writeFileSync(join(folder, 'composition', 'a\tb\n\nSound: no findings.\n.jsonl'), '{bad\n')
    const { stdout } = await complog(['verify-chain', folder])
    assert.match(stdout, /a\\tb\\n\\nSound: no findings\.\\n\.jsonl:1/)
    assert.doesNotMatch(stdout, /^\s*Sound/m)
})
