// What an operator copies from docs/hosting.md works, and what it lists is all that there is.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import type { KeeperWork } from '../../src/core/process/persistent-process.js'
import { HostMetrics } from '../../src/host/metrics.js'
import type { Trouble } from '../../src/host/web-app.js'
import { parseWebSettings } from '../../src/host/web-settings.js'
import { manifestPath, requireBuild } from '../support/build.js'
import { temporaryFolder } from '../support/temporary.js'

requireBuild()

const page = readFileSync('docs/hosting.md', 'utf8')
const { commands } = JSON.parse(readFileSync(manifestPath, 'utf8')) as {
    readonly commands: Readonly<Record<string, { readonly flags: Readonly<Record<string, unknown>> }>>
}
const flags = Object.keys(commands['host']?.flags ?? {})
const [, unit = ''] = /```ini\n([^]*?)```/.exec(page) ?? []

const flagsIn = (text: string) => [...text.matchAll(/(?<![\w-])--([a-z][\w-]*)/g)].map(([, name]) => name!)

test('every flag of the command stands under its purpose, once', () => {
    const [, table = ''] = /^## Flags by purpose\n([^]*?)(?=^\w)/m.exec(page) ?? []
    assert.deepEqual(flagsIn(table).sort(), [...flags].sort())
})

test('the unit of systemd starts the command with flags that it has', () => {
    const [, line = ''] = /^ExecStart=\S+\/complog host (.*)$/m.exec(unit) ?? []
    const named = flagsIn(line)
    assert.ok(named.includes('app'))
    for (const name of named) assert.ok(flags.includes(name), name)
})

const noSystemd = spawnSync('systemd-analyze', ['--version']).status === 0 ? false : 'there is no systemd'

test('the unit of systemd is one that systemd understands', { skip: noSystemd }, (t) => {
    const path = join(temporaryFolder(t), 'notes.service')
    const verify = (text: string) => {
        // Only a program that is there can be started.
        writeFileSync(path, text.replace(/^ExecStart=\S+/m, `ExecStart=${process.execPath}`))
        return spawnSync('systemd-analyze', ['verify', path], { encoding: 'utf8' }).stderr
    }
    assert.doesNotMatch(verify(unit), /notes\.service/)
    assert.match(verify(unit.replace('TimeoutStopSec', 'TimeoutStopSecs')), /notes\.service.*TimeoutStopSecs/)
})

test('every metric of the host is told, and no other', async () => {
    const { registry } = new HostMetrics({
        recordsSinceReduction: () => 0,
        requestsWaiting: () => 0,
        restoreSeconds: 0,
    })
    const own = (await registry.getMetricsAsJSON())
        .map(({ name }) => name)
        .filter((name) => name.startsWith('complog_'))
    assert.ok(own.length > 5)
    assert.deepEqual([...new Set(page.match(/\bcomplog_\w+/g))].sort(), own.sort())
})

test('every kind of trouble is told', () => {
    const kinds: Readonly<Record<Exclude<Trouble['kind'], Unmeasured> | KeeperWork, true>> = {
        'decode-error': true,
        'malformed-response': true,
        'no-answer': true,
        'app-failed': true,
        'no-text': true,
        'unknown-entry': true,
        'unknown-request': true,
        reduction: true,
        truncation: true,
        'failed-events': true,
    }
    for (const kind of Object.keys(kinds)) assert.ok(page.includes(`\`${kind}\``), kind)
})

/** Refused before the app had anything to do with it. */
type Unmeasured = 'too-many-requests' | 'too-large'

test('the map.json of the page on the command is read', () => {
    const [, map = ''] = /```json\n([^]*?)```/.exec(readFileSync('docs/commands/host.md', 'utf8')) ?? []
    const { staticFileRules, rateLimit, corsAllowAnything, notes } = parseWebSettings(
        Buffer.from(map),
        'map.json',
    )
    assert.deepEqual([staticFileRules.length, corsAllowAnything, notes.length], [1, true, 0])
    assert.ok(rateLimit !== undefined)
})
