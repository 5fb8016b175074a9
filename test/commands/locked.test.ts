import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'

import { complog, withApp } from '../support/cli.js'
import { complogJson, errorOf } from '../support/envelope.js'
import { listing } from '../support/listing.js'
import { holdInOtherProcess } from '../support/lock-process.js'
import { copyStore, fixtureStores } from '../support/stores.js'
import { temporaryFolder, writeFiles } from '../support/temporary.js'
import { warmComplog } from '../support/warm.js'

const fixture = fixtureStores[2]!

function copyOfStore(t: TestContext): string {
    const store = temporaryFolder(t)
    copyStore(fixture.path, store)
    return store
}

test('every command that writes ends with 11 where another writer is at work, names it, and touches nothing', async (t) => {
    const store = copyOfStore(t)
    const holder = await holdInOtherProcess(t, store)
    const before = listing(store)
    const commands = [
        ['reduce', store, ...withApp(), '--every', '7'],
        ['truncate', store, ...withApp(), '--yes'],
        ['reorder', store, '--in-place'],
        ['repair', store, '--yes'],
    ] as const
    for (const [command, ...args] of commands) {
        const error = await errorOf(command, args)
        assert.deepEqual([error.exitCode, error.code], [11, 'store-locked'], command)
        assert.ok(error.message.includes(`\`complog hold\` (process ${holder.pid} on ${hostname()}`))
        const { exitCode, stdout, stderr } = await warmComplog([command, ...args])
        assert.deepEqual([exitCode, stdout], [11, ''])
        assert.match(stderr.replaceAll(/\s+/g, ' '), new RegExp(`locked: .*\\(process ${holder.pid} `))
        assert.deepEqual(listing(store), before)
    }
})

test('so it ends where somebody writes to the folder that it would write to', async (t) => {
    const [store, folder] = [copyOfStore(t), temporaryFolder(t)]
    await holdInOtherProcess(t, folder)
    const before = [...listing(store), ...listing(folder)]
    for (const args of [
        ['reorder', store, '--output', folder],
        ['truncate', store, ...withApp(), '--archive', folder, '--yes'],
    ]) {
        const { exitCode, stderr } = await warmComplog(args)
        assert.equal(exitCode, 11, stderr)
        assert.deepEqual([...listing(store), ...listing(folder)], before)
    }
})

test('what only reads or plans needs no lock', async (t) => {
    const store = copyOfStore(t)
    await holdInOtherProcess(t, store)
    for (const args of [
        ['verify-chain', store],
        ['replay', store, ...withApp()],
        ['reduce', store, ...withApp(), '--dry-run'],
        ['truncate', store, ...withApp(), '--dry-run'],
        ['repair', store, '--dry-run'],
        ['reorder', store, '--output', join(temporaryFolder(t), 'ordered')],
    ]) {
        const { exitCode, stderr } = await warmComplog(args)
        assert.equal(exitCode, 0, stderr)
    }
})

test('what only reads does not even load the lock', async (t) => {
    const folder = temporaryFolder(t)
    const report = join(folder, 'loaded')
    writeFiles(folder, {
        'report.cjs': `process.on('exit', () => {
            const loaded = Object.keys(require.cache).some((path) => path.includes('fs-native-extensions'))
            require('node:fs').writeFileSync(${JSON.stringify(report)}, String(loaded))
        })`,
    })
    const env = { NODE_OPTIONS: `--require ${join(folder, 'report.cjs')}` }
    const store = copyOfStore(t)
    for (const [args, expected] of [
        [['verify-chain', store], 'false'],
        [['truncate', store, '--unproven', '--dry-run'], 'false'],
        [['truncate', store, '--unproven', '--yes'], 'true'],
    ] as const) {
        assert.equal((await complog(args, { env })).exitCode, 0)
        assert.equal(readFileSync(report, 'utf8'), expected)
    }
})

test('a lock file that a killed writer left stops nothing, and gone with the next one', async (t) => {
    const store = copyOfStore(t)
    writeFiles(store, { '.complog/lock': '{"processId":1,', '.complog/a.jsonl.0123456789ab.staged': 'half' })
    const envelope = await complogJson('reduce', [store, ...withApp(), '--every', '7'])
    assert.equal(envelope.exitCode, 0)
    assert.ok(!listing(store).some((line) => line.startsWith('.complog')))
})

test('a store whose log lies in another one is not written to: it would have a lock of its own', {
    skip: process.platform === 'win32',
}, async (t) => {
    const [real, store] = [copyOfStore(t), temporaryFolder(t)]
    for (const [name, other] of [
        ['composition', 'reduction'],
        ['reduction', 'composition'],
    ] as const) {
        rmSync(store, { recursive: true })
        mkdirSync(join(store, other), { recursive: true })
        symlinkSync(join(real, name), join(store, name))
        const before = [...listing(store), ...listing(real)]
        for (const args of [
            ['append', store, ...withApp()],
            ['host', store, ...withApp()],
            ['reduce', store, ...withApp(), '--every', '7'],
            ['truncate', store, ...withApp(), '--yes'],
            ['reorder', store, '--in-place'],
            ['repair', store, '--yes'],
        ]) {
            const { exitCode, stderr } = await warmComplog(args)
            assert.equal(exitCode, 2, `${args.join(' ')}: ${stderr}`)
            const told = stderr.replaceAll(/\s+/g, '')
            assert.ok(told.includes(`linkto${join(realpathSync(real), name)}:`), stderr)
            assert.deepEqual([...listing(store), ...listing(real)], before)
        }
    }
    const linked = temporaryFolder(t)
    symlinkSync(temporaryFolder(t), join(linked, 'composition'))
    for (const args of [
        ['truncate', real, ...withApp(), '--yes', '--archive', linked],
        ['reorder', real, '--output', linked],
    ]) {
        const { exitCode, stderr } = await warmComplog(args)
        assert.equal(exitCode, 2, stderr)
        assert.match(stderr, /is a link\s+to/)
    }
    rmSync(join(store, 'reduction'))
    rmSync(join(store, 'composition'), { recursive: true })
    symlinkSync(join(real, 'composition'), join(store, 'composition'))
    const { exitCode, stdout } = await warmComplog(['replay', store, ...withApp()])
    assert.deepEqual([exitCode, stdout], [0, fixture.expected.state])
})
