// Holes that hosts have left, since they named what they had not written: told from lost records by what the files
// say, and passed by all that reads or changes a store.
import assert from 'node:assert/strict'
import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'

import { genesis } from '../../../src/core/composition/hash.js'
import { parseRef } from '../../../src/core/composition/ref.js'
import { effectIn, statesAround } from '../../../src/core/restore/record-effect.js'
import { restore } from '../../../src/core/restore/restore.js'
import { verifyStore } from '../../../src/core/restore/verify-store.js'
import { openProcessStore } from '../../../src/core/store/process-store.js'
import { fixtureApp } from '../../support/apps.js'
import { appPath, complog, withApp } from '../../support/cli.js'
import { complogJson } from '../../support/envelope.js'
import { findingsFolder } from '../../support/finding-stores/index.js'
import { inProcessCounter } from '../../support/in-process-app.js'
import { lastKalmitStoreNames, unpackLater } from '../../support/later-stores.js'
import { hashOf } from '../../support/log-writer.js'
import { openAndCheck, readLog, writeLog } from '../../support/stores.js'
import { readFiles, temporaryFolder, writeFiles } from '../../support/temporary.js'
import { warmComplog } from '../../support/warm.js'

/** A host of 2020-01, started with its clock set back: two requests are in no file. */
function clockBack(t: TestContext): string {
    const name = lastKalmitStoreNames.find((each) => each === 'l1-clock-back') ?? ''
    return unpackLater(name, temporaryFolder(t))
}

/** The same for the counter app: of the additions 1 to 6, 4 was never written, and #4 is behind the hole. */
function ofCounter(t: TestContext): string {
    const store = temporaryFolder(t)
    cpSync(join(findingsFolder, 'never-written', 'process-store'), store, { recursive: true })
    return store
}

const hour = (name: string) => `2020-01-13/2020-01-13T${name}.composition.jsonl`

describe('a hole is one that a host left where the files show it', () => {
    test('the number of the request has begun anew, and its record is the reduced one', async (t) => {
        const { findings, longest, isOneChain, heads } = await openAndCheck(clockBack(t))
        assert.equal(isOneChain, true)
        assert.equal(findings.counts.error, 0)
        const hole = findings.list.find(({ id }) => id === 'never-written')
        assert.deepEqual([hole?.place?.file, hole?.place?.line, hole?.severity], [hour('12'), 1, 'warning'])
        assert.match(hole?.message ?? '', /took 2 requests that it could not write/)
        assert.deepEqual([longest.length, longest.oldestParent, heads], [9, genesis, [longest.head]])
    })

    const damages: Readonly<Record<string, (log: Record<string, Buffer[]>) => void>> = {
        'the record behind the hole lost': (log) => void log[hour('12')]!.shift(),
        'the record behind the hole altered': (log) =>
            void (log[hour('12')]![0] = alteredIn(log[hour('12')]![0]!, 'add 10000', 'add 10001')),
        'both swapped': (log) => void log[hour('12')]!.reverse(),
        'a record lost before a reduced one': (log) => void log[hour('09')]!.pop(),
        'a file lost before a reduced record': (log) => void (log[hour('09')] = []),
        'a reduced record lost': (log) => void log[hour('10')]!.shift(),
        'a record altered in the middle': (log) =>
            void (log[hour('10')]![0] = alteredIn(log[hour('10')]![0]!, 'add 7', 'add 8')),
    }
    for (const [what, damage] of Object.entries(damages)) {
        test(`${what}: still an error`, async (t) => {
            const store = clockBack(t)
            const log = readLog(store)
            damage(log)
            writeLog(store, log)
            const { findings } = await openAndCheck(store)
            assert.ok(findings.counts.error > 0, findings.list.map(({ id }) => id).join(' '))
            const { exitCode } = await warmComplog(['replay', store, ...withApp('string-builder')])
            assert.equal(exitCode, 12)
        })
    }

    test('every record lost by itself is found, but for the last one before the hole and the last of all', async (t) => {
        const lost: string[] = []
        for (const [file, lines] of Object.entries(readLog(clockBack(t)))) {
            for (const index of lines.keys()) {
                const store = clockBack(t)
                writeLog(store, { ...readLog(store), [file]: lines.toSpliced(index, 1) })
                const { findings } = await openAndCheck(store)
                if (findings.counts.error === 0) lost.push(`${file}:${index + 1}`)
            }
        }
        assert.deepEqual(lost, [`${hour('11')}:1`, `${hour('12')}:2`])
    })

    test('without a reduction that can be read, or with one of a record that is gone, it is damage', async (t) => {
        const reduced = '28ADED1B89BDB8FC2E3CFDBC3D4E049A434F5774B6A9B39F2DCE2CC22227B9FB'
        for (const content of [undefined, '', '{}']) {
            const store = clockBack(t)
            if (content === undefined) rmSync(join(store, 'reduction', reduced))
            else writeFiles(store, { [`reduction/${reduced}`]: content })
            const { findings } = await openAndCheck(store)
            assert.equal(findings.count('never-written'), 0)
            assert.equal(findings.count('altered-record'), 1)
        }
        const store = clockBack(t)
        writeFiles(store, { [`reduction/${hashOf('gone')}`]: '{}' })
        assert.equal((await openAndCheck(store)).findings.count('never-written'), 0)
    })
})

function alteredIn(line: Buffer, from: string, to: string): Buffer {
    assert.ok(line.includes(from))
    return Buffer.from(line.toString().replace(from, to))
}

describe('what reads a store passes the hole', () => {
    test('states from there on are those of the reduction, however far back a replay begins', async (t) => {
        const [opened, app] = [await openProcessStore(ofCounter(t)), inProcessCounter()]
        for (const [position, state] of [1, 3, 6, 15, 21].entries()) {
            const until = parseRef(`#${position + 1}`)
            for (const fromGenesis of [false, true])
                assert.equal((await restore(opened, app, { until, fromGenesis })).state, `${state}`)
        }
        const { reductionsByReplay, isSound } = await verifyStore(opened, { app })
        assert.deepEqual([isSound, reductionsByReplay?.proven, reductionsByReplay?.unproven], [true, 0, 1])
    })

    test('of the record behind it, the state is told, and not what was before', async (t) => {
        const [store, app] = [ofCounter(t), await fixtureApp('counter')]
        const { longest: chain } = await openAndCheck(store)
        const states = await statesAround(await openProcessStore(store), app, { chain, from: 3, to: 5 })
        t.after(() => states.close())
        const effects = [await effectIn(states, 3), await effectIn(states, 4), await effectIn(states, 5)]
        assert.deepEqual(
            effects.map((effect) => [effect?.before, effect?.after]),
            [
                ['3', '6'],
                [undefined, '15'],
                ['15', '21'],
            ],
        )
    })

    test('search, bisect and compare go through all of it', async (t) => {
        const [store, app] = [ofCounter(t), withApp()]
        const found = await complogJson('search', [store, '--count', '--where', 'state >= 6', ...app])
        assert.ok(found.status === 'ok')
        assert.equal(found.result.count, 3)
        const bad = await complogJson('bisect', [store, '--where', 'state > 6', ...app])
        assert.ok(bad.status === 'ok')
        assert.equal(bad.result.record?.position, 4)
        const compared = await warmComplog(['compare', store, ...app, '--with', appPath('counter')])
        assert.equal(compared.exitCode, 0, compared.stderr)
    })
})

describe('what changes a store leaves the hole as it is', () => {
    test('reorder and repair find nothing to do', async (t) => {
        const store = ofCounter(t)
        const before = readFiles(store)
        for (const flags of [['repair'], ['repair', '--quarantine'], ['reorder', '--in-place']]) {
            const { exitCode, stderr } = await warmComplog([...flags, store])
            assert.equal(exitCode, 0, stderr)
        }
        assert.deepEqual(readFiles(store), before)
    })

    test('truncated before it, at it and behind it, the store restores the same, and the archive is whole', async (t) => {
        const app = withApp()
        for (const position of [2, 4, 5]) {
            const [store, archive] = [ofCounter(t), join(temporaryFolder(t), 'older')]
            await warmComplog(['reduce', store, '--at', `#${position}`, ...app])
            const cut = ['truncate', store, '--before', `#${position}`, '--archive', archive, '--yes']
            const { exitCode, stderr } = await warmComplog([...cut, ...app])
            assert.equal(exitCode, 0, stderr)
            assert.equal((await warmComplog(['replay', store, ...app])).stdout, '21')
            for (const each of [store, archive])
                assert.equal((await openAndCheck(each)).findings.counts.error, 0, each)
            cpSync(archive, store, { recursive: true })
            assert.equal((await openAndCheck(store)).longest.length, 5)
        }
    })

    test('what a process appends goes on behind it, and of its reductions the one behind the hole stays', async (t) => {
        const store = ofCounter(t)
        const [hash] = [...(await openAndCheck(store)).longest.reduced.keys()]
        for (const addition of [7, 8]) {
            const { exitCode, stderr } = await complog(
                ['append', store, '--keep-reductions', '1', '--reduction-records', '1', ...withApp()],
                { input: `"{\\"addition\\":${addition}}"\n` },
            )
            assert.equal(exitCode, 0, stderr)
        }
        const { findings, longest } = await openAndCheck(store)
        assert.deepEqual([findings.counts.error, longest.length], [0, 7])
        assert.deepEqual([...longest.reduced.keys()].sort(), [hash, longest.head].sort())
    })
})
