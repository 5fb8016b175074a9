// The sample of docs/library.md, as somebody writes it who has installed the package: compiled against its types, and
// run against what was built.
import assert from 'node:assert/strict'
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { packageFolder, requireBuild } from '../support/build.js'
import { appPath, run } from '../support/cli.js'
import { compiled } from '../support/compiled.js'
import { fixtureStores } from '../support/stores.js'
import { temporaryFolder } from '../support/temporary.js'
import { elmHome } from '../support/test-folder.js'

requireBuild()

test('the sample of docs/library.md compiles, and restores the state', async (t) => {
    const folder = temporaryFolder(t)
    const { path, expected } = fixtureStores[2]!
    cpSync(path, join(folder, 'process-store'), { recursive: true })
    cpSync(appPath('counter'), join(folder, 'my-app'), { recursive: true })
    mkdirSync(join(folder, 'node_modules', '@types'), { recursive: true })
    symlinkSync(packageFolder, join(folder, 'node_modules', 'complog'))
    symlinkSync(
        join(packageFolder, 'node_modules', '@types', 'node'),
        join(folder, 'node_modules', '@types', 'node'),
    )
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
    const [, sample = ''] = /```ts\n([^]*?)```/.exec(readFileSync('docs/library.md', 'utf8')) ?? []
    writeFileSync(join(folder, 'sample.ts'), sample)

    const asUsers = ['--strict', '--exactOptionalPropertyTypes', '--target', 'es2023', '--module', 'nodenext']
    assert.equal(compiled(folder, [...asUsers, '--types', 'node', 'sample.ts']), '')

    const { exitCode, stdout, stderr } = await run(process.execPath, ['sample.js'], {
        cwd: folder,
        env: { ELM_HOME: elmHome },
    })
    assert.equal(exitCode, 0, stderr)
    assert.match(stdout, /^reduction-form /)
    assert.ok(stdout.endsWith(`\n${expected.state} after 0 replayed records\n`), stdout)
})
