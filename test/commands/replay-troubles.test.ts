import assert from 'node:assert/strict'
import { lstatSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'

import { withApp } from '../support/cli.js'
import { complogJson, errorOf, resultOf } from '../support/envelope.js'
import {
    additionEvent,
    counterLog,
    hashOf,
    LogWriter,
    recordLine,
    reductionFile,
} from '../support/log-writer.js'
import { dailyFile, fixtureStores, makeStore } from '../support/stores.js'
import { temporaryFolder } from '../support/temporary.js'
import { warmComplog } from '../support/warm.js'

const app = withApp()

describe('replay of a log that leaves a choice', () => {
    // Six records, and two others behind the fourth: the states are 21 and 10 + 100 + 200.
    const log = counterLog(6)
    const branch = new LogWriter('2019-04', log.hashes[3]).addAdditions(100, 200)
    const lines = [...log.lines, ...branch.lines]

    test('refuses a log with two heads, and names both', async (t) => {
        const error = await errorOf('replay', [makeStore(temporaryFolder(t), lines), ...app])
        assert.equal(error.exitCode, 12)
        assert.equal(error.code, 'two-heads')
        for (const head of [log.head, branch.head]) assert.ok(error.message.includes(head.slice(0, 12)))
        assert.match(error.hint ?? '', /`complog replay --head HASH` restores it.*`complog verify-chain`/)
        assert.equal(error.place?.file, dailyFile)
    })

    test('restores the branch whose head is named', async (t) => {
        const store = makeStore(temporaryFolder(t), lines)
        for (const [head, state] of [
            [log.head, '21'],
            [branch.head.slice(0, 8), '310'],
        ] as const) {
            assert.equal((await resultOf('replay', [store, ...app, '--head', head])).state, state)
        }
    })

    test('warns of a few of each kind, and in JSON of all', async (t) => {
        const ends = Array.from({ length: 8 }, (_, i) =>
            recordLine({ parent: log.hashes[3]!, events: [`${i}`] }),
        )
        const args = [
            'replay',
            makeStore(temporaryFolder(t), [...ends, ...log.lines]),
            ...app,
            '--head',
            log.head,
        ]
        const { exitCode, stderr } = await warmComplog(args)
        assert.equal(exitCode, 0, stderr)
        const said = stderr.replaceAll(/\s+/g, ' ')
        const timesSaid = (text: string) => said.split(text).length - 1
        for (const [id, of] of Object.entries({
            fork: 'the same parent',
            'unlinked-record': 'Not part of',
        })) {
            const more = `… and more of \`${id}\`; --json lists up to 1,000 of each kind.`
            assert.deepEqual([timesSaid(of), timesSaid(more)], [5, 1], stderr)
        }
        const { warnings } = await complogJson('replay', args.slice(1))
        for (const id of ['fork', 'unlinked-record'])
            assert.equal(warnings.filter((each) => each.id === id).length, 8)
    })

    test('takes only a hash for the head of a log that is not one chain', async (t) => {
        const store = makeStore(temporaryFolder(t), lines)
        const error = await errorOf('replay', [store, ...app, '--head', '#3'])
        assert.equal(error.exitCode, 2)
        assert.match(error.message, /only a hash can say which record is meant/)
    })

    test('refuses a log with a gap, names the place, and restores up to it', async (t) => {
        const store = makeStore(temporaryFolder(t), log.lines.toSpliced(3, 1))
        const error = await errorOf('replay', [store, ...app])
        assert.equal(error.exitCode, 12)
        assert.equal(error.code, 'broken-chain')
        assert.notEqual(error.place, null)
        // Where to stop, and what there is behind the gap.
        for (const hash of [log.hashes[2], log.hashes.at(-1)])
            assert.ok(error.hint?.includes(`${hash?.slice(0, 12)} (#`), error.hint ?? '')
        const args = [store, ...app, '--head', log.hashes[2]!]
        assert.equal((await resultOf('replay', args)).state, '6')
    })

    test('refuses a torn tail, and says how to go on without it', async (t) => {
        const store = makeStore(temporaryFolder(t), log.lines)
        writeFileSync(join(store, 'composition', dailyFile), `${log.lines.join('\n')}\n{"ParentHashBa`)
        const error = await errorOf('replay', [store, ...app])
        assert.equal(error.exitCode, 12)
        assert.equal(error.code, 'torn-tail')
        assert.equal(error.place?.line, 7)
        const head = /--head ([0-9A-F]{12})/.exec(error.hint ?? '')?.[1]
        assert.equal(head, log.head.slice(0, 12))
        const { exitCode, stdout } = await warmComplog(['replay', store, ...app, '--head', head])
        assert.deepEqual([exitCode, stdout], [0, '21'])
    })

    test('from the end, notices lines out of order and reads the whole log', async (t) => {
        const store = makeStore(temporaryFolder(t), [
            ...log.lines.slice(0, 3),
            ...log.lines.slice(3).reverse(),
        ])
        const { status, warnings, ...rest } = await complogJson('replay', [store, ...app, '--from-end'])
        assert.equal(status, 'ok')
        assert.equal('result' in rest && rest.result.state, '21')
        assert.ok(warnings.some(({ message }) => message.startsWith('The last line is not the head')))
    })
})

describe('replay of what the app does not understand', () => {
    test('counts and warns about answers that are decodeError, and names the first', async (t) => {
        const { path } = fixtureStores[3]!
        const lines = [readFirstLine(path)]
        lines.push(recordLine({ parent: hashOf(lines[0]!), events: ['{"other":1}', 'no JSON'] }))
        const store = makeStore(temporaryFolder(t), lines)
        const envelope = await complogJson('replay', [store, ...withApp('string-builder')])
        assert.equal(envelope.status, 'ok')
        assert.equal(envelope.result.decodeErrors, 2)
        const warning = envelope.warnings.at(-1)
        assert.match(warning?.message ?? '', /^The app did not understand 2 of its own events/)
        assert.deepEqual([warning?.place?.file, warning?.place?.line], [dailyFile, 2])
        const { exitCode, stderr } = await warmComplog(['replay', store, ...withApp('string-builder')])
        assert.equal(exitCode, 0)
        assert.match(stderr.replaceAll(/\s+/g, ' '), /Warning: The app did not understand 2 of/)
    })

    test('ends with 3 where the app writes the reduction that it starts from otherwise than it reads it', async (t) => {
        const log = counterLog(3)
        const reductions = { [log.hashes[1]!]: reductionFile(log.hashes[1]!, '007') }
        const store = makeStore(temporaryFolder(t), log.lines, reductions)
        const envelope = await complogJson('replay', [store, ...app])
        assert.equal(envelope.exitCode, 3)
        assert.equal(envelope.status === 'no' && envelope.result.state, '10')
        assert.deepEqual(
            envelope.warnings.map(({ id }) => id),
            ['reduction-not-round-trip'],
        )
    })

    test('applies a state that hosts ignore, and says where', async (t) => {
        const log = new LogWriter('2019-03').addAdditions(1, 2)
        log.add({ setState: '100', events: [additionEvent(5)] })
        const store = makeStore(temporaryFolder(t), log.lines)
        const envelope = await complogJson('replay', [store, ...app])
        assert.equal(envelope.status === 'ok' && envelope.result.state, '105')
        assert.deepEqual(
            envelope.warnings.map(({ id, place }) => [id, place?.line]),
            [['set-state-ignored-by-host', 3]],
        )
    })
})

describe('replay --responses', () => {
    const log = counterLog(3)

    test('replaces a file only once the new one is whole', async (t) => {
        const folder = temporaryFolder(t)
        const store = makeStore(join(folder, 'store'), [...log.lines, '{'])
        const file = join(folder, 'responses.jsonl')
        writeFileSync(file, 'of an earlier run')
        const args = [store, ...app, '--responses', file]
        assert.equal((await errorOf('replay', args)).exitCode, 12)
        assert.equal(readFileSync(file, 'utf8'), 'of an earlier run')
        await resultOf('replay', [...args, '--head', log.head])
        assert.equal(readFileSync(file, 'utf8'), '"1"\n"3"\n"6"\n')
        assert.deepEqual(readdirSync(folder).sort(), ['responses.jsonl', 'store'])
    })

    test('writes through a link, and leaves the link', async (t) => {
        const folder = temporaryFolder(t)
        const store = makeStore(join(folder, 'store'), log.lines)
        symlinkSync(join(folder, 'target'), join(folder, 'link'))
        await resultOf('replay', [store, ...app, '--responses', join(folder, 'link')])
        assert.ok(lstatSync(join(folder, 'link')).isSymbolicLink())
        assert.equal(readFileSync(join(folder, 'target'), 'utf8'), '"1"\n"3"\n"6"\n')
    })

    test('never puts a file where a host would read it as part of the log', async (t) => {
        const store = makeStore(temporaryFolder(t), log.lines)
        for (const place of ['composition', 'reduction']) {
            const error = await errorOf('replay', [store, ...app, '--responses', join(store, place, 'x')])
            assert.equal(error.exitCode, 2)
            assert.match(error.message, /where a host would read it/)
        }
        assert.deepEqual(readdirSync(join(store, 'composition')), [dailyFile])
    })

    test('says what to do where the file cannot be written', async (t) => {
        const folder = temporaryFolder(t)
        const store = makeStore(join(folder, 'store'), log.lines)
        const missing = await errorOf('replay', [store, ...app, '--responses', join(folder, 'no', 'x')])
        assert.deepEqual([missing.exitCode, missing.code], [16, 'file-system'])
        assert.match(missing.message, /^Cannot write .*\/no\/x: ENOENT\.$/)
        assert.match(missing.hint ?? '', /make its folder first/)
        const isFolder = await errorOf('replay', [store, ...app, '--responses', folder])
        assert.match(isFolder.message, /EISDIR/)
    })
})

function readFirstLine(store: string): string {
    const file = join(store, 'composition', '2019-04-28', '2019-04-28T12.composition.jsonl')
    return readFileSync(file, 'utf8').split(/\r?\n/)[0]!
}
