import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'

import stringWidth from 'string-width'

import { withApp, writingFiles, writingWithApp, writingWithoutApp } from '../../src/cli/exit-codes.js'
import { packageFolder } from '../support/build.js'
import { temporaryFolder } from '../support/temporary.js'
import { warmComplog } from '../support/warm.js'

const commands = {
    'verify-chain': withApp,
    replay: withApp,
    convert: writingWithApp,
    files: writingFiles,
    reduce: writingWithApp,
    truncate: writingWithApp,
    reorder: writingWithoutApp,
    repair: writingWithoutApp,
    profile: withApp,
}

describe('the help', () => {
    for (const [command, codes] of Object.entries(commands)) {
        test(`of ${command} ends with 0, lists its exit codes, and fits 80 columns`, async () => {
            const { exitCode, stdout, stderr } = await warmComplog([command, '--help'])
            assert.deepEqual([exitCode, stderr], [0, ''])
            const list = stdout.slice(stdout.indexOf('Exit codes:')).split('\n\n')[0]!
            const listed = [...list.matchAll(/^ +(\d+) +\S/gm)].map(([, code]) => Number(code))
            assert.deepEqual(listed, [...codes])
            for (const part of ['USAGE', 'ARGUMENTS', 'FLAGS', 'DESCRIPTION', 'EXAMPLES']) {
                assert.match(stdout, new RegExp(`^${part}$`, 'm'))
            }
            assert.match(stdout, /^ {2}--json +print one JSON envelope instead of text$/m)
            assert.match(stdout, /^ {2}--no-color +print plain text$/m)
            const wide = stdout.split('\n').filter((line) => stringWidth(line) > 80)
            assert.deepEqual(wide, [])
            for (const odd of ['<%', 'undefined', '\u001B']) assert.ok(!stdout.includes(odd), odd)
        })
    }

    test('of the whole names the commands, and fits 80 columns', async () => {
        for (const line of [['--help'], ['help'], []]) {
            const { exitCode, stdout } = await warmComplog(line)
            assert.equal(exitCode, 0)
            for (const command of Object.keys(commands)) {
                assert.match(stdout, new RegExp(`^  ${command} +[A-Z]`, 'm'))
            }
            const wide = stdout.split('\n').filter((text) => stringWidth(text) > 80)
            assert.deepEqual(wide, [])
        }
    })

    test('of a command is the same by help COMMAND', async () => {
        const [flag, command] = [
            await warmComplog(['replay', '--help']),
            await warmComplog(['help', 'replay']),
        ]
        assert.equal(flag.stdout, command.stdout)
        assert.equal((await warmComplog(['replay', '-h'])).stdout, command.stdout)
        assert.equal((await warmComplog(['-h'])).stdout, (await warmComplog(['--help'])).stdout)
    })

    test('is had with --no-color too, which it does not print otherwise', async () => {
        for (const line of [['help'], ['help', 'replay'], ['replay', '--help']]) {
            const { exitCode, stdout, stderr } = await warmComplog([...line, '--no-color'])
            assert.deepEqual([exitCode, stderr], [0, ''])
            assert.equal(stdout, (await warmComplog(line)).stdout)
        }
    })

    test('names the version', async () => {
        const { version } = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8')) as {
            version: string
        }
        const { exitCode, stdout } = await warmComplog(['--version'])
        assert.equal(exitCode, 0)
        assert.ok(stdout.startsWith(`complog/${version} `))
        assert.equal((await warmComplog(['-v'])).stdout, stdout)
    })
})

test('completions whose cache cannot be made are told in a sentence, with the path', async (t) => {
    const file = join(temporaryFolder(t), 'file')
    writeFileSync(file, '')
    const env = { COMPLOG_CACHE_DIR: join(file, 'cache') }
    const { exitCode, stderr } = await warmComplog(['autocomplete', 'bash'], { env })
    assert.equal(exitCode, 16)
    const told = stderr.replaceAll(/\s+/g, ' ')
    assert.ok(told.includes(`Error: Cannot make or write the cache at ${join(file, 'cache')}`), stderr)
    assert.match(
        told,
        /: ENOTDIR\. A file stands on this path where a folder should be: move it away, or name another path\. $/,
    )
})
