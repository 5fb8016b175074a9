// The host of its page is started, killed and started again as it stands there, but on an address that is free.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { test } from 'node:test'

import { binary } from '../support/build.js'
import { appPath, shell } from '../support/cli.js'
import { temporaryFolder } from '../support/temporary.js'
import { elmHome } from '../support/test-folder.js'

const noCurl = spawnSync('curl', ['--version']).status === 0 ? false : 'curl is not there'

test('the host of its page is back in its state after it was killed', { skip: noCurl }, async (t) => {
    const [, example = ''] = /```sh\n([^]*?)```/.exec(readFileSync('docs/commands/host.md', 'utf8')) ?? []
    assert.match(example, /kill -9/)
    const address = `127.0.0.1:${await freePort()}`
    const script = example
        .replaceAll('127.0.0.1:8080', address)
        .replaceAll('complog host notes', `complog host notes --no-admin --listen ${address}`)
        .replaceAll('fixtures/apps/string-builder', appPath('string-builder'))
        // A function of the shell runs in a shell of its own, and the kill is for the host.
        .replaceAll(/^complog host/gm, 'exec_complog host')
    const { stdout, stderr, exitCode } = await shell(
        `exec_complog() { exec '${process.execPath}' '${binary}' "$@"; }\n${script}`,
        { cwd: temporaryFolder(t), env: { ELM_HOME: elmHome } },
    )
    assert.equal(exitCode, 0, stderr)
    assert.ok(stdout.startsWith('hellohello worldhello world'), stdout)
    assert.match(stdout, /3 records, 3 events/)
    assert.match(stdout, /Sound: no findings\./)
})

function freePort(): Promise<number> {
    return new Promise((resolve, reject) => {
        const server = createServer()
        server.on('error', reject).listen(0, '127.0.0.1', () => {
            const address = server.address()
            server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
        })
    })
}
