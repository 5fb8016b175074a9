import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'

import stringWidth from 'string-width'

import type { findingKinds } from '../../src/core/composition/finding.js'
import { withApp } from '../support/cli.js'
import { complogJson } from '../support/envelope.js'
import { listing } from '../support/listing.js'
import { fixturesFolder } from '../support/stores.js'
import { warmComplog } from '../support/warm.js'

interface Expected {
    readonly exit: number
    readonly flags: readonly string[]
    readonly app: 'counter' | null
    readonly findings: readonly {
        readonly id: keyof typeof findingKinds
        readonly severity: string
        readonly file: string | null
        readonly line: number | null
    }[]
}

const folder = join(fixturesFolder, 'findings')
const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)

describe('verify-chain says of each store in fixtures/findings what it is there for', () => {
    for (const name of names) {
        const path = join(folder, name, 'process-store')
        const expected = JSON.parse(readFileSync(join(folder, name, 'expected.json'), 'utf8')) as Expected
        const args = [path, ...expected.flags, ...(expected.app ? withApp(expected.app) : [])]

        test(`${name}: in JSON, and in text with what a host would do and what helps`, async () => {
            const before = listing(path)
            const [{ exitCode, stdout }, envelope] = await Promise.all([
                warmComplog(['verify-chain', ...args]),
                complogJson('verify-chain', args),
            ])
            assert.equal(envelope.exitCode, expected.exit)
            assert.ok(envelope.status !== 'error')
            const found = envelope.result.findings.map(({ id, severity, place }) => ({
                id,
                severity,
                file: place?.file ?? null,
                line: place?.line ?? null,
            }))
            assert.deepEqual(found, expected.findings)
            assert.deepEqual(listing(path), before)
            assert.equal(exitCode, expected.exit)
            assert.match(stdout, expected.exit === 0 ? /^Sound: /m : /^Not sound: /m)
            const told = stdout.replaceAll(/\s+/g, ' ')
            for (const [at, { id, severity, file, line }] of expected.findings.entries()) {
                const { host, help } = envelope.result.findings[at]!
                // A finding may say both for its own case, other than its kind does.
                assert.ok(host !== '' && help !== '', id)
                for (const part of [`${severity} ${id} `, `Host: ${host}`, `Help: ${help}`]) {
                    assert.ok(told.includes(part), `${part}\n${stdout}`)
                }
                if (file !== null)
                    assert.ok(told.includes(`at ${file}${line === null ? '' : `:${line}`} (byte `))
            }
            const wide = stdout.split('\n').filter((text) => stringWidth(text) > 80)
            assert.deepEqual(
                wide.filter((text) => !text.startsWith('  at ')),
                [],
            )
        })
    }
})
