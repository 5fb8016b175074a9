import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'

import { results } from '../../src/cli/json/results.js'
import type { CommandName } from '../../src/cli/json/versions.js'
import { requireBuild, schemasFolder } from '../support/build.js'
import { withApp } from '../support/cli.js'
import { complogJson, problemsOf } from '../support/envelope.js'
import { counterLog, reductionFile } from '../support/log-writer.js'
import { copyStore, fixtureStores, makeStore } from '../support/stores.js'
import { temporaryFolder } from '../support/temporary.js'
import { warmComplog } from '../support/warm.js'

requireBuild()

const folder = temporaryFolder({ after })
const app = withApp()
const sound = fixtureStores[2]!.path
const log = counterLog(4)
const wrongReduction = makeStore(join(folder, 'wrong-reduction'), log.lines, {
    [log.hashes[1]!]: reductionFile(log.hashes[1]!, '999'),
})
const broken = makeStore(join(folder, 'broken'), [log.lines[0]!, '{', log.lines[3]!])
const reversed = makeStore(join(folder, 'reversed'), log.lines.toReversed())
const toCut = join(folder, 'to-cut')
copyStore(sound, toCut)
const nothing = join(folder, 'nothing')
const quick = ['--runs', '2', '--warmup', '0']

/** Every status that a command can end with, and what brings it about. */
const kinds: readonly (readonly [CommandName, 'ok' | 'no' | 'error', ...string[]])[] = [
    ['verify-chain', 'ok', sound, ...app],
    ['verify-chain', 'no', broken],
    ['verify-chain', 'no', wrongReduction, ...app],
    ['verify-chain', 'error', nothing],
    ['replay', 'ok', sound, ...app, '--from-end'],
    ['replay', 'ok', reversed, ...app],
    ['replay', 'error', broken, ...app],
    ['reduce', 'ok', sound, ...app, '--every', '16', '--dry-run'],
    ['reduce', 'no', wrongReduction, ...app, '--at', '#2'],
    ['reduce', 'error', nothing, ...app],
    ['truncate', 'ok', toCut, ...app, '--dry-run'],
    ['truncate', 'error', toCut, ...app],
    ['truncate', 'ok', toCut, ...app, '--archive', join(folder, 'archive'), '--yes'],
    ['truncate', 'error', wrongReduction, ...app, '--yes'],
    ['reorder', 'ok', reversed, '--output', join(folder, 'ordered')],
    ['reorder', 'error', broken, '--in-place'],
    ['profile', 'ok', sound, ...app, ...quick, '--from-genesis', '--save', join(folder, 'baseline.json')],
    ['profile', 'error', sound, ...app, '--baseline', nothing],
]

describe('every kind of answer obeys the schema that ships with the package', () => {
    for (const [command, status, ...args] of kinds) {
        const shown = args.slice(1).map((arg) => (arg.startsWith('/') ? 'PATH' : arg))
        test(`${command}: ${status} (${['STORE', ...shown].join(' ')})`, async () => {
            // Which holds it against the schema.
            const envelope = await complogJson(command, args)
            assert.equal(envelope.status, status, JSON.stringify(envelope))
        })
    }

    test('profile: no', async () => {
        const file = join(folder, 'fast.json')
        const head = fixtureStores[2]!.expected.tip
        const baseline = {
            schema: 'complog/profile-baseline/1',
            machine: { node: '', platform: '', cpu: '' },
            restored: { head, events: 1, scriptHash: '', mode: 'default' },
            totalMilliseconds: Array<number>(7).fill(0.001),
            relative: Array<number>(7).fill(0.001),
        }
        writeFileSync(file, JSON.stringify(baseline))
        const args = [sound, ...app, '--runs', '7', '--warmup', '0', '--baseline', file]
        const envelope = await complogJson('profile', args)
        assert.equal(envelope.status, 'no')
        assert.ok(envelope.warnings.length > 0)
    })

    test('no command: error', async () => {
        const { stdout } = await warmComplog(['bogus', '--json'])
        assert.deepEqual(problemsOf(JSON.parse(stdout)), [])
    })
})

describe('the schemas', () => {
    test('are there for every command, each under its own name', () => {
        for (const command of Object.keys(results)) {
            const path = join(schemasFolder, `${command}.schema.json`)
            assert.ok(existsSync(path), path)
            const schema = JSON.parse(readFileSync(path, 'utf8')) as { $id: string; $schema: string }
            assert.equal(schema.$id, `complog/${command}/1`)
            assert.equal(schema.$schema, 'https://json-schema.org/draft/2020-12/schema')
        }
    })

    test('forbid any key that they do not name, at every depth', async () => {
        const examples = [
            await warmComplog(['verify-chain', broken, '--json']),
            await warmComplog(['replay', sound, ...app, '--json']),
            await warmComplog(['replay', nothing, '--json']),
            await warmComplog(['reorder', reversed, '--output', join(folder, 'again'), '--json']),
        ]
        for (const { stdout } of examples) {
            let objects = 0
            for (const changed of withOneKeyMore(JSON.parse(stdout))) {
                objects++
                assert.notDeepEqual(problemsOf(changed), [], JSON.stringify(changed))
            }
            assert.ok(objects > 1)
        }
    })

    test('forbid to leave a key out', async () => {
        const { stdout } = await warmComplog(['verify-chain', sound, '--json'])
        const envelope = JSON.parse(stdout) as { result: Record<string, unknown> }
        for (const key of Object.keys(envelope.result)) {
            const others = Object.entries(envelope.result).filter(([other]) => other !== key)
            const result = Object.fromEntries(others)
            assert.notDeepEqual(problemsOf({ ...envelope, result }), [], key)
        }
    })
})

/** The same value with a key that nobody knows, in each of its objects in turn. */
function* withOneKeyMore(value: unknown): Generator {
    if (Array.isArray(value)) {
        for (const [i, item] of value.entries())
            for (const changed of withOneKeyMore(item)) yield value.with(i, changed)
        return
    }
    if (typeof value !== 'object' || value === null) return
    yield { ...value, unheardOf: 1 }
    for (const [key, item] of Object.entries(value)) {
        for (const changed of withOneKeyMore(item)) yield { ...value, [key]: changed }
    }
}
