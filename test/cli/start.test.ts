// The short way from the command line to a command, beside the long way of oclif: nobody should be able to tell them apart.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { before, describe, test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { stripVTControlCharacters } from 'node:util'

import { versionText } from '../../src/cli/version.js'
import { commandNames } from '../../src/start.js'
import { binary, manifestPath, packageFolder } from '../support/build.js'
import { type CliResult, complog, run } from '../support/cli.js'
import { problemsOf } from '../support/envelope.js'
import { fixtureStores } from '../support/stores.js'
import { temporaryFolder } from '../support/temporary.js'
import { noTerminal, onTerminal } from '../support/terminal.js'

const packageFile = pathToFileURL(join(packageFolder, 'package.json'))
const store = fixtureStores[2]!.path

/**
 * Runs command lines as oclif does it, which finds out by itself what there is to run: one after the other in one
 * process, since most of the time would go into loading it.
 */
async function byOclif(lines: readonly (readonly string[])[]): Promise<readonly CliResult[]> {
    const main = pathToFileURL(join(packageFolder, 'dist', 'cli', 'main.js')).href
    const script = `const { main } = await import(${JSON.stringify(main)})
        for (const argv of ${JSON.stringify(lines)}) {
            process.exitCode = undefined
            await main(argv, ${JSON.stringify(packageFile.href)})
            // Each listens anew, as if it were the only one.
            process.stderr.removeAllListeners('error')
            const end = '\\0' + (process.exitCode ?? 0) + '\\0'
            for (const stream of [process.stdout, process.stderr]) stream.write(end)
        }`
    const printed = await run(process.execPath, ['--input-type=module', '--eval', script])
    const [stdout, stderr] = [printed.stdout.split('\0'), printed.stderr.split('\0')]
    assert.equal(stdout.length, 2 * lines.length + 1, printed.stderr)
    return lines.map((_, i) => ({
        exitCode: Number(stdout[2 * i + 1]),
        stdout: stdout[2 * i] ?? '',
        stderr: stderr[2 * i] ?? '',
    }))
}

test('the short way knows every command', () => {
    const manifest = JSON.parse(readFileSync(manifestPath, 'utf8')) as { commands: object }
    assert.deepEqual([...commandNames].sort(), Object.keys(manifest.commands).sort())
})

test('the version is what oclif says', async () => {
    const expected = (await byOclif([['--version']]))[0]?.stdout
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
    let byLongWay: readonly CliResult[]
    before(async () => {
        byLongWay = await byOclif(Object.values(lines))
    })
    for (const [index, [what, argv]] of Object.entries(lines).entries()) {
        test(what, async () => {
            const [short, long] = [await complog(argv), byLongWay[index]!]
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
    cpSync(dirname(binary), join(folder, 'bin'), { recursive: true })
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
    const { status, stderr } = spawnSync(process.execPath, [join(folder, 'bin', 'run.js'), '--version'], {
        encoding: 'utf8',
    })
    assert.deepEqual(
        [status, stderr],
        [1, 'Error: complog is not built here.\nRun `npm ci`, or `npm run build`.\n'],
    )
})
