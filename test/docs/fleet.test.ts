import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type TestContext, test } from 'node:test'

import { parse } from 'yaml'

import { setEnvironment } from '../core/elm-app/temporary.js'
import { binary, packageFolder } from '../support/build.js'
import { compiled } from '../support/compiled.js'
import { assertExamples } from '../support/examples.js'
import { fixturesFolder } from '../support/stores.js'
import { temporaryFolder, writeFiles } from '../support/temporary.js'

const missing = ['parallel', 'jq'].find((command) => spawnSync(command, ['--version']).status !== 0)
const skip = missing === undefined ? false : `${missing} is not there`

test('every example of many stores prints what its page says', { skip }, async (t) => {
    setOnPath(t)
    assert.ok((await assertExamples('docs/fleet.md', temporaryFolder(t))) >= 5)
})

const [, manifest = ''] = /```yaml\n([^]*?)```/.exec(readFileSync('docs/fleet.md', 'utf8')) ?? []

test('the job for a cluster is one by the types of the interface of Kubernetes', (t) => {
    const folder = temporaryFolder(t)
    const job = parse(manifest) as { readonly spec: object }
    mkdirSync(join(folder, 'node_modules'))
    symlinkSync(
        join(packageFolder, 'node_modules', 'kubernetes-types'),
        join(folder, 'node_modules', 'kubernetes-types'),
    )
    const jobs = {
        'as-printed.ts': job,
        'unknown-field.ts': { ...job, spec: { ...job.spec, completion: 3 } },
        'text-for-number.ts': { ...job, spec: { ...job.spec, completions: '3' } },
    }
    const type = `import type { Job } from 'kubernetes-types/batch/v1'`
    for (const [name, each] of Object.entries(jobs))
        writeFileSync(join(folder, name), `${type}\nexport const job: Job = ${JSON.stringify(each)}\n`)
    const bundled = ['--module', 'esnext', '--moduleResolution', 'bundler']
    const said = compiled(folder, [
        '--noEmit',
        '--strict',
        '--skipLibCheck',
        ...bundled,
        ...Object.keys(jobs),
    ])
    assert.doesNotMatch(said, /^as-printed/m)
    assert.match(said, /^unknown-field.*"completion"/m)
    assert.match(said, /^text-for-number.*'string'/m)
})

test('each pod of that job checks the store in its line', (t) => {
    setOnPath(t)
    const stores = temporaryFolder(t)
    const names = ['kalmit-2018-11', 'kalmit-2019-04']
    writeFileSync(join(stores, 'list'), names.map((name) => `${name}/process-store\n`).join(''))
    for (const name of names)
        cpSync(join(fixturesFolder, 'stores', name), join(stores, name), { recursive: true })
    writeFileSync(
        join(stores, 'kalmit-2019-04/process-store/composition/2020-01-01.composition.jsonl'),
        '{}\n',
    )
    const { spec } = parse(manifest) as {
        readonly spec: {
            readonly podFailurePolicy: {
                readonly rules: readonly { onExitCodes: { values: readonly number[] } }[]
            }
            readonly template: {
                readonly spec: { readonly containers: readonly { command: string[]; args: string[] }[] }
            }
        }
    }
    const [{ command, args } = { command: [], args: [] }] = spec.template.spec.containers
    const [shell = '', ...flags] = [...command, ...args.map((text) => text.replaceAll('/stores', stores))]
    const ran = [0, 1, 2].map((index) =>
        spawnSync(shell, flags, {
            encoding: 'utf8',
            env: { ...process.env, JOB_COMPLETION_INDEX: String(index) },
        }),
    )
    assert.deepEqual(
        ran.map(({ stdout }) => (JSON.parse(stdout) as { status: string }).status),
        ['ok', 'no', 'error'],
    )
    const codes = ran.map(({ status }) => status ?? -1)
    assert.equal(codes[0], 0)
    const [rule] = spec.podFailurePolicy.rules
    for (const code of codes.slice(1)) assert.ok(rule?.onExitCodes.values.includes(code), String(code))
})

/** Shells of their own look for the command on the path. */
function setOnPath(t: TestContext): void {
    const bin = temporaryFolder(t)
    writeFiles(bin, { complog: `#!/bin/sh\nexec '${process.execPath}' '${binary}' "$@"\n` })
    chmodSync(join(bin, 'complog'), 0o755)
    setEnvironment(t, { PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}` })
}
