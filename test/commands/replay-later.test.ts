import assert from 'node:assert/strict'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { complogJson } from '../support/envelope.js'
import { expectedOfLater, unpackLater } from '../support/later-stores.js'
import { readFiles, temporaryFolder } from '../support/temporary.js'
import { warmComplog } from '../support/warm.js'

test('replay prints the text that the app gave, byte for byte, and what gives it', async (t) => {
    const name = 'plain-v2022-03-20'
    const store = unpackLater(name, temporaryFolder(t))
    const before = readFiles(store)
    const { reductions } = expectedOfLater(name)
    for (const [hash, state] of Object.entries(reductions)) {
        const { exitCode, stdout, stderr } = await warmComplog([
            'replay',
            store,
            '--until',
            hash.slice(0, 10),
        ])
        assert.equal(exitCode, 0, stderr)
        assert.equal(stdout, state)
        assert.match(
            stderr.replaceAll(/\s+/g, ' '),
            /The state after record #\d+, [0-9a-f]{12}…: from the reduction of it/,
        )
    }
    assert.deepEqual(readFiles(store), before)
})

test('replay makes JSON of a state of 0.4.0 and later', async (t) => {
    const name = 'v053-fn'
    const store = unpackLater(name, temporaryFolder(t))
    const envelope = await complogJson('replay', [store])
    assert.equal(envelope.status, 'ok')
    const { result } = envelope as unknown as { result: { state: string; format: string; hash: string } }
    const { head, state } = expectedOfLater(name)
    assert.equal(result.format, 'json')
    assert.equal(result.hash, head)
    assert.deepEqual(JSON.parse(result.state), JSON.parse(state ?? ''))
})

test('replay ends with 12 where only the app could say, and for what is only of stores of before', async (t) => {
    const store = unpackLater('plain-v2022-03-20', temporaryFolder(t))
    const only = await warmComplog(['replay', store, '--until', '#3'])
    assert.equal(only.exitCode, 12)
    assert.match(
        only.stderr.replaceAll(/\s+/g, ' '),
        /code that they add to its sources.*`replay --until [0-9a-f]{12}` prints it/,
    )
    for (const flags of [['--from-end'], ['--responses', `${store}-responses`]]) {
        const { exitCode, stderr } = await warmComplog(['replay', store, ...flags])
        assert.equal(exitCode, 12)
        assert.match(stderr, /is not for\s+such\s+a\s+store/)
        assert.match(stderr, new RegExp(`Run\\s+it\\s+without\\s+${flags[0]}`))
    }
    const missing = await warmComplog(['replay', store, '--app', `${store}-app`])
    assert.equal(missing.exitCode, 14)
})

test('replay takes a head as a witness, and a time for the name of a record', async (t) => {
    const name = 'v0418-fn'
    const store = unpackLater(name, temporaryFolder(t))
    const { head, records } = expectedOfLater(name)
    const lost = await warmComplog(['replay', store, '--head', 'ab'.repeat(32)])
    assert.equal(lost.exitCode, 2)
    assert.match(lost.stderr.replaceAll(/\s+/g, ' '), /If the log had it once, it was lost or altered/)
    for (const flags of [
        ['--head', head],
        ['--until', '@2030-01-01'],
    ]) {
        const envelope = await complogJson('replay', [store, ...flags])
        const { result } = envelope as unknown as { result: { hash: string; position: number } }
        assert.deepEqual([result.hash, result.position], [head, records.length])
    }
})

test('replay warns of a log that is not sound, and refuses a state that is damaged', async (t) => {
    const folder = temporaryFolder(t)
    const warned = await warmComplog([
        'replay',
        unpackLater('damaged/line-lost-reductions-v2022-03-20', folder),
        '--until',
        'first~0',
    ])
    assert.equal(warned.exitCode, 12)
    const damaged = unpackLater('damaged/v044-c26_state_value_altered', folder)
    const { exitCode, stderr } = await warmComplog(['replay', damaged, '--until', 'head'])
    assert.equal(exitCode, 12, stderr)
})

/** A store whose last log file has its lines in another order, or one of them twice. */
function withLastFile(into: string, changed: (lines: readonly string[]) => readonly string[]): string {
    const store = unpackLater('plain-v2022-03-20', into)
    const [last = ''] = Object.keys(readFiles(store)).filter(isLogFile).sort().reverse()
    const lines = readFileSync(join(store, last), 'utf8').split(/(?<=\n)/)
    writeFileSync(join(store, last), changed(lines).join(''))
    return store
}

const isLogFile = (file: string) => file.startsWith('composition-log/')

test('replay takes no record for the newest where another one may be', async (t) => {
    const folder = temporaryFolder(t)
    const swapped = withLastFile(join(folder, 'swapped'), ([a = '', b = '', ...rest]) => [b, a, ...rest])
    const doubled = withLastFile(join(folder, 'doubled'), (lines) => [...lines, lines[0] ?? ''])
    const lost = unpackLater('v040-plain', folder)
    const files = Object.keys(readFiles(lost)).filter(isLogFile)
    rmSync(join(lost, files.sort().at(-1) ?? ''))
    const headless = unpackLater('g3-plain', folder)
    const { head } = expectedOfLater('g3-plain')
    rmSync(join(headless, 'component', head.slice(0, 2), head))
    for (const store of [unpackLater('damaged/g2-fork', folder), swapped, doubled, lost, headless]) {
        const doubted = await warmComplog(['replay', store])
        assert.equal(doubted.exitCode, 12, store)
        assert.match(doubted.stderr, /newest is in doubt/)
        const [, named = ''] = /`replay\s+--head\s+([0-9a-f]+)`/.exec(doubted.stderr) ?? []
        const last = await warmComplog(['replay', store, '--head', 'head'])
        const byHint = await warmComplog(['replay', store, '--head', named])
        assert.deepEqual([byHint.exitCode, byHint.stdout], [0, last.stdout], store)
    }
})
