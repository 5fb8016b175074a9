// The short way from the command line to a command, beside the long way of oclif: nobody should be able to tell them apart.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { stripVTControlCharacters } from 'node:util'

import { versionText } from '../../src/cli/version.js'
import { commandNames } from '../../src/start.js'
import { binary, manifestPath, packageFolder } from '../support/build.js'
import { complog, run } from '../support/cli.js'
import { problemsOf } from '../support/envelope.js'
import { fixtureStores } from '../support/stores.js'
import { temporaryFolder } from '../support/temporary.js'
import { noTerminal, onTerminal } from '../support/terminal.js'

const packageFile = pathToFileURL(join(packageFolder, 'package.json'))
const store = fixtureStores[2]!.path

/** Runs a command line as oclif does it, which finds out by itself what there is to run. */
function byOclif(argv: readonly string[]) {
    const main = pathToFileURL(join(packageFolder, 'dist', 'cli', 'main.js')).href
    const script = `const { main } = await import(${JSON.stringify(main)})
        await main(${JSON.stringify(argv)}, ${JSON.stringify(packageFile.href)})`
    return run(process.execPath, ['--input-type=module', '--eval', script])
}

test('the short way knows every command', () => {
    const manifest = JSON.parse(readFileSync(manifestPath, 'utf8')) as { commands: object }
    assert.deepEqual([...commandNames].sort(), Object.keys(manifest.commands).sort())
})

test('the version is what oclif says', async () => {
    const expected = (await byOclif(['--version'])).stdout
    assert.equal((await complog(['--version'])).stdout, expected)
    assert.equal(`${versionText(packageFile) ?? ''}\n`, expected)
})

test('on Linux within Windows, oclif says the version', { skip: process.platform !== 'linux' }, (t) => {
    process.env['WSL_DISTRO_NAME'] = 'Debian'
    t.after(() => delete process.env['WSL_DISTRO_NAME'])
    assert.equal(versionText(packageFile), undefined)
})

describe('both ways give the same', () => {
    const lines: Readonly<Record<string, readonly string[]>> = {
        'a result': ['replay', store],
        'a JSON result': ['truncate', store, '--unproven', '--dry-run', '--json'],
        'no STORE': ['reorder'],
        'an unknown flag': ['verify-chain', store, '--bogus'],
        'a wrong value': ['profile', store, '--runs', 'x'],
        'flags that exclude each other': ['replay', store, '--from-end', '--until', 'head'],
        'help that is not asked for': ['verify-chain', '--', '--help'],
        'help that is asked for': ['reduce', store, '--help'],
    }
    for (const [what, argv] of Object.entries(lines)) {
        test(what, async () => {
            const [short, long] = [await complog(argv), await byOclif(argv)]
            const comparable = ({ exitCode, stdout, stderr }: typeof short) => ({
                exitCode,
                stdout: stdout.replaceAll(/: \d+\.\d+/g, ': 0'),
                stderr,
            })
            assert.deepEqual(comparable(short), comparable(long))
        })
    }
})

test('no plugin has a hook that the short way would leave out', () => {
    const require = createRequire(packageFile)
    const { oclif } = require(`${packageFolder}/package.json`) as {
        oclif: { plugins: string[]; hooks?: object }
    }
    assert.equal(oclif.hooks, undefined)
    const ofPlugins = /^plugins:/
    for (const plugin of oclif.plugins) {
        const found = require(`${packageFolder}/node_modules/${plugin}/package.json`) as {
            oclif: { hooks?: object }
        }
        const others = Object.keys(found.oclif.hooks ?? {}).filter((hook) => !ofPlugins.test(hook))
        assert.deepEqual(others, [], plugin)
    }
})

describe('a command that is not there, on a terminal', { skip: noTerminal }, () => {
    test('with --json ends with 2 and an envelope, and asks nothing', async () => {
        for (const argv of [['verify-chan', 'store', '--json'], ['--json']]) {
            const { exitCode, shown } = await onTerminal(argv)
            assert.equal(exitCode, 2, shown)
            assert.deepEqual(problemsOf(JSON.parse(shown)), [])
        }
    })

    test('without --json ends with 2 as well, and another command is named but not run', async () => {
        const { exitCode, shown } = await onTerminal(['verify-chan', store])
        assert.equal(exitCode, 2, shown)
        const text = stripVTControlCharacters(shown)
        assert.match(text, /Did you mean verify-chain\?/)
        assert.doesNotMatch(text, /Sound/)
    })

    test('--help with --json is help', async () => {
        const { exitCode, shown } = await onTerminal(['--help', '--json'])
        assert.match(stripVTControlCharacters(shown), /^USAGE$/m)
        assert.equal(exitCode, 0)
    })
})

test('a checkout that is not built says so', (t) => {
    const folder = temporaryFolder(t)
    mkdirSync(join(folder, 'bin'))
    copyFileSync(binary, join(folder, 'bin', 'run.js'))
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
    const { status, stderr } = spawnSync(process.execPath, [join(folder, 'bin', 'run.js'), '--version'], {
        encoding: 'utf8',
    })
    assert.deepEqual(
        [status, stderr],
        [1, 'Error: complog is not built here.\nRun `npm ci`, or `npm run build`.\n'],
    )
})
