// The README's examples are run as they stand there, one after the other, in a fresh copy of what they name; what they
// print must be what the README says, but for times and speeds.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test } from 'node:test'

import { updatesDocs } from '../support/printed.js'

interface Example {
    readonly command: string
    readonly output: string
}

const blocks = /```console\n([\s\S]*?)```/g
const skipped = /^npm /

function examplesIn(block: string): Example[] {
    return block
        .split(/^\$ /m)
        .filter((part) => part.trim() !== '')
        .map((part) => {
            const end = part.indexOf('\n')
            return { command: part.slice(0, end), output: part.slice(end + 1).trimEnd() }
        })
}

/** Times, rates and shares differ from run to run. */
function masked(text: string): string {
    return text
        .replace(/\d[\d.,]* (µs|ms|s|min)\b/g, '<time>')
        .replace(/\d[\d.,]* (B|kB|MB|GB)\/s/g, '<rate>')
        .replace(/\d[\d.,]* events\/s/g, '<rate>')
        .replace(/\d[\d.]* MB heap/g, '<size> heap')
        .replace(/\d+ %/g, '<share>')
        .replace(/ +/g, ' ')
}

/** Which events are the slowest, and which kind takes the most time, nobody knows beforehand. */
function comparable(text: string): string {
    return masked(text)
        .replace(/Slowest events:\n[\s\S]*?\n\n/, 'Slowest events:\n…\n\n')
        .replace(/(Time by kind of event:\n.*\n)([\s\S]*)$/, (_, head: string, rows: string) => {
            return head + rows.split('\n').sort().join('\n')
        })
}

function run(command: string, folder: string): string {
    const elmHome = join(folder, 'fixtures', 'elm-home')
    const { stdout, stderr } = spawnSync('sh', ['-c', command], {
        cwd: folder,
        encoding: 'utf8',
        env: {
            ...process.env,
            PATH: `${join(folder, 'bin-for-test')}:${process.env['PATH'] ?? ''}`,
            COMPLOG_CACHE_DIR: join(folder, 'cache'),
            ELM_HOME: elmHome,
            NODE_OPTIONS: '',
        },
    })
    const gap = stdout !== '' && stderr !== '' && !stdout.endsWith('\n') ? '\n' : ''
    return (stdout + gap + stderr).trimEnd()
}

function freshFolder(): string {
    const folder = mkdtempSync(join(tmpdir(), 'complog-readme-'))
    cpSync('fixtures', join(folder, 'fixtures'), { recursive: true })
    cpSync('bin', join(folder, 'bin'), { recursive: true })
    mkdirSync(join(folder, 'bin-for-test'))
    const script = join(folder, 'bin-for-test', 'complog')
    writeFileSync(script, `#!/bin/sh\nexec "${process.execPath}" "${resolve('bin/run.js')}" "$@"\n`)
    chmodSync(script, 0o755)
    return folder
}

test('every example in the README prints what the README says', (t) => {
    const folder = freshFolder()
    t.after(() => rmSync(folder, { recursive: true, force: true }))
    const readme = readFileSync('README.md', 'utf8')
    let examples = 0
    const renewed = readme.replace(blocks, (_, block: string) => {
        const parts = examplesIn(block).map(({ command, output }) => {
            if (skipped.test(command)) return `$ ${command}\n`
            examples += 1
            const printed = run(command.replace(/^node bin\/run\.js/, 'complog'), folder)
            if (!updatesDocs) assert.equal(comparable(printed), comparable(output), `$ ${command}`)
            return `$ ${command}\n${comparable(printed) === comparable(output) ? output : printed}\n`.replace(
                /\n\n$/,
                '\n',
            )
        })
        return `\`\`\`console\n${parts.join('')}\`\`\``
    })
    assert.ok(examples > 10, 'the examples were found')
    if (updatesDocs) writeFileSync('README.md', renewed)
})
