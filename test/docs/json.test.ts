import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { type CommandName, schemaOf, schemaVersions } from '../../src/cli/json/versions.js'
import { schemasFolder } from '../support/build.js'
import { assertExamples } from '../support/examples.js'
import { temporaryFolder } from '../support/temporary.js'

test('the examples of docs/json.md print what it says', async (t) =>
    assert.equal(await assertExamples('docs/json.md', temporaryFolder(t)), 2))

test('docs/json.md names the schema of every command in its version, as the shipped schemas do', () => {
    const commands = Object.keys(schemaVersions) as CommandName[]
    const named = [...readFileSync('docs/json.md', 'utf8').matchAll(/^\| `(complog\/[^`]+)`/gm)]
    assert.deepEqual(named.map(([, id]) => id).sort(), commands.map(schemaOf).sort())
    for (const command of commands) {
        const path = join(schemasFolder, `${command}.schema.json`)
        const schema = JSON.parse(readFileSync(path, 'utf8')) as { readonly $id: string }
        assert.equal(schema.$id, schemaOf(command))
    }
})
