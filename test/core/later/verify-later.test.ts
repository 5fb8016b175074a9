import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'

import { findingKinds } from '../../../src/core/composition/finding.js'
import type { ValueHash } from '../../../src/core/composition/hash.js'
import { genesisOfLater } from '../../../src/core/later/records/log.js'
import { type VerifiedLater, verifyLater } from '../../../src/core/later/verify-later.js'
import { findingsPerIdMax } from '../../../src/core/limits.js'
import { planReorder } from '../../../src/core/rewrite/reorder/plan-reorder.js'
import { planRepair } from '../../../src/core/rewrite/repair/plan-repair.js'
import { repair } from '../../../src/core/rewrite/repair/repair.js'
import { type LaterStore, laterStoreAt } from '../../../src/core/store/recognise.js'
import {
    expectedOfLater,
    filesOfLater,
    findingsOfLaterStores,
    laterStoreNames,
    unpackLater,
} from '../../support/later-stores.js'
import { readFiles, temporaryFolder, writeFiles } from '../../support/temporary.js'
import { thinned } from '../../support/thinned.js'

const folder = temporaryFolder({ after })

async function verified(path: string, expectHead?: string): Promise<VerifiedLater> {
    const store = laterStoreAt(path)
    assert.ok(store)
    return verifyLater(store, { expectHead: expectHead as ValueHash | undefined })
}

const found = ({ findings }: VerifiedLater) => findings.list.map(({ id, severity }) => `${severity} ${id}`)
const hashesOf = ({ log: { table } }: VerifiedLater) =>
    Array.from({ length: table.length }, (_, row) => table.hashAt(row))

/** What is found in a store that hosts left sound; nothing in those that are not here. */
const foundInSound: Readonly<Record<string, readonly string[]>> = {
    'cont-g2-g3': ['note older-generation'],
    'cont-g3d-g4': ['note older-generation'],
    'cont-l2-g2': ['note older-generation'],
    // Nobody has lost a file there but its head file, and then a host began anew.
    'g3-head-lost-redeployed': ['error fork'],
    // The class that writes stores wrote it, without a host.
    'odd-v2022-03-20': ['warning unrestorable-chain'],
}

test('where a host began anew, it is told so: with the same app, or with another one', async () => {
    const why = async (path: string) =>
        (await verified(path)).findings.list.find(({ id }) => id === 'fork')?.message ?? ''
    const same = unpackLater('g3-head-lost-redeployed', join(folder, 'same-app'))
    assert.match(await why(same), /behind 8f1f21695bbf…, .* a host began anew with the same app\.$/)
    const other = unpackLater('g3-plain', join(folder, 'other-app'))
    const first = `{"compositionEvent":{"DeployAppConfigAndInitElmAppState":{"HashBase16":"${'ab'.repeat(32)}"}}}`
    const record = Buffer.from(`blob ${first.length}\0${first}`)
    const hash = createHash('sha256').update(record).digest('hex')
    writeFiles(other, {
        [`component/${hash.slice(0, 2)}/${hash}`]: record,
        'composition-log-head-hash': Buffer.from(hash, 'hex'),
    })
    assert.match(await why(other), /from the head leads to: the head file was lost .* a host began anew\.$/)
})

for (const name of laterStoreNames.filter((each) => !each.startsWith('damaged/'))) {
    test(`${name}: every record, head and void record as the host has them, and no error`, async () => {
        const expected = expectedOfLater(name)
        const path = unpackLater(name, folder)
        const result = await verified(path, expected.head)
        for (const { help } of result.findings.list)
            for (const [, named = ''] of help.matchAll(/ STORE\/([\w-]+)/g))
                assert.ok(existsSync(join(path, named)), help)
        assert.deepEqual(
            hashesOf(result),
            expected.records.map(([hash]) => hash),
        )
        assert.equal(result.live.void, expected.void)
        assert.deepEqual(found(result), foundInSound[name] ?? [])
        assert.equal(result.isSound, name !== 'g3-head-lost-redeployed')
    })
}

/** What is found in stores that damage left, and a part of what is said of the host. */
const foundInDamaged: Readonly<Record<string, readonly [readonly string[], RegExp?]>> = {
    'broken-json-middle-v2022-03-20': [['error malformed-record'], /Does not start/],
    'byte-altered-v2022-03-20': [['error missing-parent'], /Starts, without a word/],
    'deflated-garbage-v2022-03-20': [['error value-differs'], /does not start/],
    'empty-line-v2022-03-20': [['warning blank-line'], /first byte of the next record/],
    'g2-clock-back-after': [[]],
    'g2-copied-older-file-after': [
        ['error fork', 'error fork', 'error duplicate-record', 'warning foreign-file'],
        /Takes the last line for the head/,
    ],
    'g2-fork': [['error fork', 'error out-of-order'], /silently leaves out/],
    'g2-last-lf-missing-same-hour': [['warning line-end-missing'], /after which it does not start/],
    // A reduction with another state is a reduction: only a replay shows that it lies.
    'g2-reduction-plausible-lie': [[]],
    'reduction-other-state-v2022-03-20': [[]],
    'v0418-c22_reduction_other_state': [['error reduction-differs']],
    // Behind the last record nothing bears witness for it.
    'v0418-c06_byte_altered_last': [[]],
    'g2-two-records-on-one-line': [['error merged-line'], /Does not start/],
    'g3-head-one-behind': [['warning head-not-last'], /without what lies beyond/],
    'g3-state-component-missing': [['warning reduction-without-state'], /Passes over it/],
    'g3d-plain-sound-beside-deflated-torn': [['warning value-differs'], /Does not read it/],
    'g3d-plain-wrong-beside-deflated-sound': [['error value-differs'], /Does not start/],
    'line-lost-reductions-v2022-03-20': [['error missing-parent'], /Starts, without a word/],
    'no-last-lf-v2022-03-20': [['warning line-end-missing'], /does not count/],
    'reduction-other-hash-v2022-03-20': [['error reduction-hash-mismatch'], /Does not start/],
    'state-element-missing-v2022-03-20': [['warning reduction-without-state'], /passes over it/],
    'stray-ds-store-v2022-03-20': [['warning foreign-file']],
    'torn-merged-then-reduction-v2024-03-24': [['error merged-line'], /behind the newest usable reduction/],
    'torn-older-v2022-03-20': [['error missing-parent', 'warning torn-tail'], /Starts, without a word/],
    'torn-then-clock-back-v2021-09-01': [['error merged-line']],
    'torn-then-clock-back-v2024-03-24': [['error merged-line']],
    'torn-then-later-minute-v2024-03-24': [['warning torn-tail'], /pass over it/],
    'torn-then-same-minute-v2022-03-20': [['error merged-line']],
    'torn-then-same-minute-v2024-03-24': [['error merged-line'], /since 2024-03: starts without the app/],
    'two-empty-lines-v2022-03-20': [['error blank-line'], /keep a host from starting/],
    'two-hosts-at-once-v2021-09-01': [['warning interleaved-record'], /did not see what the other wrote/],
    'two-hosts-at-once-v2022-03-20': [['warning interleaved-record']],
    'two-hosts-at-once-v2024-03-24': [['warning interleaved-record']],
    'two-hosts-clock-behind-v2021-09-01': [['warning interleaved-record']],
    'two-hosts-clock-behind-v2022-03-20': [['warning interleaved-record']],
    'two-hosts-clock-behind-v2024-03-24': [['warning interleaved-record']],
    'two-hosts-out-of-order-v2021-09-01': [['warning interleaved-record'], /is gone/],
    'v040-c13_file_missing_with_reduction': [
        Array.from({ length: 5 }, () => 'error reduction-without-record'),
        /Starts, without a word/,
    ],
    'v040-c25_state_value_wrong_content': [['error value-differs'], /does not start/],
    'v0418-c12_crlf': [['warning carriage-return'], /replays from an older one/],
    'v0418-c13_file_missing_with_reduction': [['error missing-parent', 'error reduction-without-record']],
    'v0418-c31_unknown_event': [['error unknown-event'], /Does not start/],
    'v044-c26_state_value_altered': [['error value-differs'], /never compares the hash/],
}

test('every damaged store is looked at', () => {
    const names = laterStoreNames.filter((name) => name.startsWith('damaged/'))
    assert.deepEqual(
        names.map((name) => name.slice('damaged/'.length)).sort(),
        Object.keys(foundInDamaged).sort(),
    )
})

for (const [name, [expected, host]] of Object.entries(foundInDamaged)) {
    test(`${name}: the damage is found, with what the host makes of it`, async () => {
        const result = await verified(unpackLater(`damaged/${name}`, folder))
        assert.deepEqual(found(result), expected)
        if (host !== undefined) assert.match(result.findings.list.map((each) => each.host).join('\n'), host)
    })
}

/** A store with some of its files changed, each from its bytes; undefined: without it. */
function changed(
    name: string,
    change: (files: Record<string, Buffer>) => Readonly<Record<string, Uint8Array | string | undefined>>,
): string {
    const all = { ...filesOfLater(name) }
    const kept = Object.entries({ ...all, ...change(all) }).filter(([, bytes]) => bytes !== undefined)
    const path = temporaryFolder({ after })
    writeFiles(path, Object.fromEntries(kept) as Record<string, Uint8Array>)
    return path
}

const idsIn = async (path: string) => found(await verified(path))
const logFiles = (files: Readonly<Record<string, Buffer>>) =>
    Object.keys(files)
        .filter((path) => path.startsWith('composition-log/'))
        .sort()

/** Files of a store that hold a text. */
const holding = (files: Readonly<Record<string, Buffer>>, text: string) =>
    Object.keys(files).filter(
        (path) => path.startsWith('literal-element/') && files[path]?.includes(text) === true,
    )

test('a part of the app that is gone, and an event text that hosts no longer read', async () => {
    const elm = changed('plain-v2022-03-20', (files) =>
        Object.fromEntries(holding(files, 'module Backend.Main').map((path) => [path, undefined])),
    )
    assert.deepEqual(await idsIn(elm), ['error value-missing'])
    // In 2020 events lie in files of their own; behind the newest reduction of this store stands none.
    const events = changed('g3d-plain', (files) => {
        const [oldest] = holding(files, 'ArrivedAtTimeEvent')
        return { [oldest ?? '']: undefined }
    })
    assert.deepEqual(await idsIn(events), ['warning value-missing'])
})

test('empty lines at the end of a file, which are what the next record begins with', async () => {
    for (const name of ['g2-plain', 'plain-v2022-03-20']) {
        for (const ends of ['\n', '\n\n']) {
            const path = changed(name, (files) => {
                const last = logFiles(files).at(-1) ?? ''
                return { [last]: `${String(files[last])}${ends}` }
            })
            const { findings } = await verified(path)
            assert.deepEqual(
                findings.list.map(({ id, help }) => [id, /`complog repair`/.test(help)]),
                [['blank-line', name !== 'g2-plain']],
            )
        }
    }
})

test('a head file that is missing, too short, or of no record', async () => {
    for (const bytes of [undefined, Buffer.alloc(31), Buffer.alloc(0), Buffer.alloc(32, 7)]) {
        const ids = await idsIn(changed('g3-plain', () => ({ 'composition-log-head-hash': bytes })))
        assert.ok(ids.includes('error head-file'), String(bytes?.length))
    }
})

test('a head file that is older than the log files beside it, or of another length, is nothing', async () => {
    for (const bytes of [Buffer.alloc(31), Buffer.alloc(32, 7)]) {
        const path = changed('plain-v2022-03-20', () => ({ 'composition-log-head-hash': bytes }))
        assert.deepEqual(await idsIn(path), ['note older-generation'])
    }
})

test('a newer log goes on behind the record that it names, whatever the head file of before says', async () => {
    const name = 'cont-g3d-g4'
    const { records } = expectedOfLater(name)
    for (const bytes of [Buffer.alloc(0), Buffer.alloc(32, 7), Buffer.from(records[0]![0], 'hex')]) {
        const result = await verified(changed(name, () => ({ 'composition-log-head-hash': bytes })))
        assert.deepEqual(found(result), ['warning head-file', 'note older-generation'])
        assert.equal(result.records, records.length)
    }
})

test('a reduction of a void record that names a state which is not there is a warning', async () => {
    const path = changed('g3c-history', (files) => {
        const reduction =
            'provisional-reduction/42bb747f1331d4b781ba47f3a95d25ae3a6b450e9c42a9c14ddcbf70443db739'
        return { [reduction]: String(files[reduction]).replace('"7b75119e', '"7b75119f') }
    })
    const { findings } = await verified(path)
    assert.deepEqual(
        findings.list.map(({ id, severity, host }) => [id, severity, host]),
        [['reduction-without-state', 'warning', 'Does not read it: a revert has made its record void.']],
    )
})

test('the newest record, which nothing names yet, with arguments that are no value', async () => {
    const path = changed('v0418-plain', (files) => {
        const last = logFiles(files).at(-1) ?? ''
        const text = String(files[last])
        const at = text.lastIndexOf('ListItemsKeys')
        return { [last]: `${text.slice(0, at)}ListItemsKezs${text.slice(at + 'ListItemsKeys'.length)}` }
    })
    assert.deepEqual(await idsIn(path), ['error malformed-record'])
})

test('a revert to a record that was cut off makes void what is left before it', async () => {
    const path = changed('history-v2023-03-16', (files) =>
        Object.fromEntries(
            logFiles(files)
                .filter((file) => file < 'composition-log/literal/2023-03-21/2023-03-21T08-31')
                .map((file) => [file, undefined]),
        ),
    )
    const { live, findings } = await verified(path)
    assert.deepEqual(
        findings.list.map(({ id, severity }) => `${severity} ${id}`),
        ['warning revert-target'],
    )
    assert.match(findings.list[0]?.help ?? '', /If the log was truncated, it may stay/)
    // One before the first revert, and five between it and the second, which goes back to the first.
    assert.equal(live.void, 6)
})

test('a record of 2020 that is gone or damaged is named by the one behind it, wherever it stood', async () => {
    for (const name of ['g3-plain', 'g3d-plain']) {
        const { records } = expectedOfLater(name)
        const places = [0, 1, Math.floor(records.length / 2), records.length - 2]
        for (const [nth, at] of places.entries()) {
            const [hash] = records[at]!
            const [behind] = records[at + 1]!
            const damages = [undefined, Buffer.alloc(0), Buffer.from('blob 3\0abc')]
            for (const [which, bytes] of damages.entries()) {
                if ((nth + which) % thinned(2, 1) !== 0) continue
                const path = changed(name, (files) => {
                    const file = Object.keys(files).find((each) => each.endsWith(hash))
                    return { [file ?? '']: bytes }
                })
                const { findings } = await verified(path)
                const named = findings.list.find(({ id }) => id === 'missing-parent')
                // Without the first one, the log looks like one that was truncated.
                assert.equal(named?.hash, at === 0 ? undefined : behind, `${name} ${at}`)
                if (bytes === undefined) continue
                const [bad, ...others] = findings.list.filter(({ id }) => id === 'value-differs')
                assert.equal(others.length, 0)
                assert.doesNotMatch(bad?.message ?? 'Nothing names', /Nothing names/)
            }
        }
    }
})

test('a bad value is a warning where only what no start reads names it, else an error', async () => {
    const name = 'plain-v2022-03-20'
    const values = Object.keys(filesOfLater(name)).filter((path) => path.startsWith('literal-element/'))
    const old = values.filter((path) => path.includes('/897abaa80a84'))
    const told = await Promise.all(
        [...old, ...values.slice(0, 2)].map(async (value) => {
            const { list } = (await verified(changed(name, () => ({ [value]: 'blob 1\0x' })))).findings
            return list.flatMap(({ id, severity, message }) =>
                id === 'value-differs' ? `${severity} ${message.includes('Nothing names')}` : [],
            )
        }),
    )
    assert.deepEqual(told, [['warning false'], ['error false'], ['error false']])
})

test('a store without its log, where values and reductions are left', async () => {
    for (const name of ['v043-plain', 'v0418-plain', 'plain-v2021-07-14', 'g3d-plain']) {
        const path = changed(name, (files) =>
            Object.fromEntries(
                Object.keys(files)
                    .filter((each) => each.startsWith('composition-log'))
                    .map((each) => [each, undefined]),
            ),
        )
        const ofHeadFile = name === 'g3d-plain'
        const result = await verified(path)
        assert.deepEqual(found(result), [ofHeadFile ? 'error head-file' : 'error records-missing'])
        if (ofHeadFile) continue
        mkdirSync(join(path, 'composition-log'))
        const emptied = await verified(path)
        for (const { store, findings } of [result, emptied]) {
            assert.equal(store.generation.id, '2021-07-14')
            assert.match(findings.list[0]?.message ?? '', /no log: the folder composition-log/)
        }
    }
})

test('a log file without a byte is an error where the record behind it shows that others stood there', async () => {
    const emptied = (name: string, at: number) =>
        changed(name, (files) => ({ [logFiles(files).at(at) ?? '']: '' }))
    for (const name of ['plain-v2021-07-14', 'plain-v2022-03-20', 'truncated-v2022-03-20', 'v0418-plain'])
        assert.deepEqual(await idsIn(emptied(name, 0)), ['error empty-log-file'])
    assert.deepEqual(await idsIn(emptied('g2-plain', 0)), ['error empty-log-file'])
    assert.deepEqual(await idsIn(emptied('v0418-plain', -1)), ['warning empty-log-file'])
    const behind = changed('truncated-v2022-03-20', () => ({
        'composition-log/literal/2030-01-01/2030-01-01T00-00': '',
    }))
    assert.deepEqual(await idsIn(behind), ['warning empty-log-file'])
    // As a host leaves it that is stopped before its first write to a new file.
    for (const minute of ['2020-01-01/2020-01-01T00-00', '2022-04-03/2022-04-03T10-01'])
        for (const name of ['plain-v2022-03-20', 'cont-g3d-g4']) {
            const path = changed(name, () => ({ [`composition-log/literal/${minute}`]: '' }))
            assert.deepEqual(
                (await idsIn(path)).filter((each) => each !== 'note older-generation'),
                ['warning empty-log-file'],
            )
        }
})

test('a log file of zeros alone is told as one without a byte, and stays where it is a witness', async () => {
    const zeroed = (name: string, at: number) =>
        changed(name, (files) => {
            const path = logFiles(files).at(at) ?? ''
            return { [path]: Buffer.alloc(files[path]?.length ?? 0) }
        })
    const repaired = async (path: string) => planRepair(laterStoreAt(path) as LaterStore, {})
    for (const name of ['plain-v2022-03-20', 'truncated-v2022-03-20', 'g2-plain']) {
        const path = zeroed(name, 0)
        assert.deepEqual(await idsIn(path), ['error empty-log-file'])
        await assert.rejects(repaired(path), { code: 'error-findings', message: /Nothing but zero bytes/ })
        await assert.rejects(planRepair(laterStoreAt(path) as LaterStore, { quarantine: true }))
    }
    const between = zeroed('plain-v2022-03-20', 1)
    assert.deepEqual(await idsIn(between), ['error missing-parent', 'warning empty-log-file'])
    // The last one is where a host goes on to write: its bytes go, and are kept.
    const { parts } = await repaired(zeroed('truncated-v2022-03-20', -1))
    assert.deepEqual(
        parts.flatMap(({ lines }) => lines.map(({ finding }) => finding)),
        ['torn-tail'],
    )
})

test('what a host does with a log that lost its first file is said once, with and without a reduction', async () => {
    for (const name of ['plain-v2022-03-20', 'truncated-v2022-03-20', 'v0418-plain', 'g2-plain']) {
        const without = (isLeft: (path: string) => boolean) =>
            changed(name, (files) => ({
                ...Object.fromEntries(
                    Object.keys(files).flatMap((path) => (isLeft(path) ? [] : [[path, undefined]])),
                ),
                [logFiles(files)[0] ?? '']: '',
            }))
        const reduced = await verified(without(() => true))
        assert.match(reduced.findings.list[0]?.host ?? '', /^Starts from its newest reduction/)
        const { findings } = await verified(without((path) => !path.startsWith('provisional-reduction')))
        const errors = findings.list.filter(({ severity }) => severity === 'error')
        assert.ok(errors.some(({ id }) => id === 'empty-log-file'))
        for (const { id, host } of errors) assert.match(host, /^Does not start/, id)
    }
})

test('arguments that are none are told of the newest record alone: others are known by the next one', async () => {
    const call = 'ApplyFunctionOnLiteralAndState'
    const broken = (isLast: boolean) =>
        changed('v0418-plain', (files) => {
            const paths = logFiles(files)
            const lines = paths.flatMap((path) => (files[path]?.toString('utf8') ?? '').split(/(?<=\n)/))
            const at = lines.findIndex(
                (line, i) =>
                    line.includes(call) && (isLast || lines[i + 1]?.includes('SetElmAppState') === true),
            )
            const bad = lines[at]?.replace('BlobBytesBase64', 'BlobBytes')
            assert.ok(bad !== undefined && bad !== lines[at])
            const kept = [...lines.slice(0, at), bad, ...(isLast ? [] : lines.slice(at + 1, at + 2))]
            return {
                ...Object.fromEntries(paths.map((path) => [path, undefined])),
                [paths[0] ?? '']: kept.join(''),
            }
        })
    assert.ok((await idsIn(broken(true))).includes('error malformed-record'))
    const behind = await idsIn(broken(false))
    assert.ok(
        behind.includes('error missing-parent') && !behind.includes('error malformed-record'),
        behind.join(),
    )
})

test('a revert to a record that is not there, or void, or later', async () => {
    const name = 'history-v2021-09-01'
    const { records } = expectedOfLater(name)
    const reverts = records.filter(([, , event]) => event === 'RevertProcessTo')
    assert.ok(reverts.length > 0)
    const withTarget = (target: string) =>
        changed(name, (files) => {
            const path = logFiles(files).findLast((each) => files[each]?.includes('RevertProcessTo'))
            assert.ok(path)
            const text = files[path]?.toString('utf8') ?? ''
            return { [path]: text.replace(/("RevertProcessTo":\{"HashBase16":")[0-9a-f]{64}/, `$1${target}`) }
        })
    for (const target of ['ab'.repeat(32), expectedOfLater(name).head])
        assert.ok((await idsIn(withTarget(target))).includes('error revert-target'), target)
})

test('a revert that was truncated behind, with its reduction, is sound without its target', async () => {
    const name = 'g3-history'
    const { records, reductions } = expectedOfLater(name)
    const at = records.findLastIndex(([, , event]) => event === 'RevertProcessTo')
    const [revert] = records[at]!
    const [reduced = ''] = Object.keys(reductions)
    const gone = new Set(records.filter((_, i) => i !== at).map(([hash]) => hash))
    const path = changed(name, (files) => ({
        ...Object.fromEntries(
            Object.keys(files)
                .filter((file) => gone.has(file.slice(file.lastIndexOf('/') + 1)))
                .map((file) => [file, undefined]),
        ),
        'composition-log-head-hash': Buffer.from(revert, 'hex'),
        [`provisional-reduction/${revert}`]: (files[`provisional-reduction/${reduced}`] ?? '')
            .toString()
            .replace(reduced, revert),
    }))
    const result = await verified(path)
    assert.deepEqual([found(result), result.records, result.isTruncated], [[], 1, true])
})

test('log lines lost behind a head file of before are told to be lost, or of another history', async () => {
    const path = changed('cont-g3d-g4', (files) => {
        const [first = ''] = logFiles(files).filter((file) => file.includes('/literal/'))
        const text = files[first]?.toString() ?? ''
        return { [first]: text.slice(text.indexOf('\n') + 1) }
    })
    const { findings } = await verified(path)
    const told = findings.list.find(({ id }) => id === 'older-generation')
    assert.match(told?.message ?? '', /beginning of this one and lines between them were lost/)
    assert.deepEqual([told?.severity, told?.place?.line], ['warning', 1])
})

test('a line of spaces, a byte order mark and zeros with a line end are errors, as hosts stop there', async () => {
    const change = (make: (bytes: Buffer) => Uint8Array) =>
        changed('plain-v2022-03-20', (files) => {
            const path = logFiles(files).at(-1) ?? ''
            return { [path]: make(files[path] ?? Buffer.alloc(0)) }
        })
    const add = (text: string) => (bytes: Buffer) => Buffer.concat([bytes, Buffer.from(text)])
    assert.deepEqual(await idsIn(change(add('   \n'))), ['error malformed-record'])
    assert.deepEqual(await idsIn(change(add('\0\0\n'))), ['error malformed-record'])
    assert.deepEqual(await idsIn(change(add('\0\0'))), ['warning torn-tail'])
    assert.deepEqual(await idsIn(change(add('{}\n'))), ['error malformed-record'])
    assert.deepEqual(await idsIn(change((bytes) => Buffer.concat([Buffer.from('\ufeff'), bytes]))), [
        'error byte-order-mark',
    ])
})

test('zeros with a line end behind the last record are told to be moved out, which mends the log', async () => {
    const path = changed('plain-v2022-03-20', (files) => {
        const last = logFiles(files).at(-1) ?? ''
        return { [last]: Buffer.concat([files[last]!, Buffer.from('\0\0\n')]) }
    })
    const { list } = (await verified(path)).findings
    assert.deepEqual(
        list.map(({ help }) => /Without one, .*`complog repair --quarantine` moves/.test(help)),
        [true],
    )
    await repair(await planRepair(laterStoreAt(path) as LaterStore, { quarantine: true }))
    assert.deepEqual(await idsIn(path), [])
})

test('of a torn record that was reduced one thing is told to help, and does', async () => {
    const path = changed('plain-v2022-03-20', (files) => {
        const last = logFiles(files).at(-1) ?? ''
        return { [last]: files[last]?.subarray(0, -40) }
    })
    const { list } = (await verified(path)).findings
    const [lost, torn, ...others] = list
    assert.deepEqual([lost?.id, torn?.id, others], ['reduction-without-record', 'torn-tail', []])
    assert.match(lost?.help ?? '', /move the reduction out/)
    assert.equal(torn?.help, lost?.help)
    rmSync(join(path, lost?.place?.file ?? ''))
    await repair(await planRepair(laterStoreAt(path) as LaterStore))
    assert.deepEqual(await idsIn(path), [])
})

test('in a truncated log, where a reduction may be older than the log, it is told with what was torn', async () => {
    const path = changed('truncated-v2022-03-20', (files) => {
        const last = logFiles(files).at(-1) ?? ''
        return { [last]: files[last]?.subarray(0, -40) }
    })
    const [torn, ...others] = (await verified(path)).findings.list
    assert.deepEqual([torn?.id, others], ['torn-tail', []])
    const { head } = expectedOfLater('truncated-v2022-03-20')
    assert.match(torn?.help ?? '', new RegExp(`reduction provisional-reduction/${head}: .* keep a copy`))
    await repair(await planRepair(laterStoreAt(path) as LaterStore))
    assert.ok(readFiles(path)[`provisional-reduction/${head}`])
})

test('what is said to help does: of a byte order mark, and where files stand in another order', async () => {
    const name = 'function-v2023-03-16'
    const [first = '', second = ''] = logFiles(filesOfLater(name))
    const marked = changed(name, (files) => ({
        [first]: Buffer.concat([Buffer.from('\ufeff'), files[first] as Buffer]),
    }))
    const swapped = changed(name, (files) => ({ [first]: files[second], [second]: files[first] }))
    const helpIn = async (path: string) => (await verified(path)).findings.list.map(({ help }) => help)
    assert.match((await helpIn(marked)).join(), /`complog repair` takes it out/)
    assert.match((await helpIn(swapped)).join(), /`complog reorder --output DIR` writes a copy/)
    for (const plan of [
        await planRepair(laterStoreAt(marked) as LaterStore),
        await planReorder(laterStoreAt(swapped) as LaterStore, undefined),
    ])
        assert.ok('moved' in plan ? plan.moved > 0 : plan.parts.length === 1)
})

test('what stands in a file that is no log is told to be moved out with it', async () => {
    const path = changed('plain-v2022-03-20', () => ({
        'composition-log/literal/desktop.ini': '[.ShellClassInfo]\nLabel\n',
    }))
    const { list } = (await verified(path)).findings
    assert.deepEqual(
        list.map(({ id }) => id),
        ['malformed-record', 'malformed-record', 'foreign-file'],
    )
    for (const { help } of list) assert.match(help, /repair --quarantine/)
})

test('log files of 2021-07 and later that lie elsewhere are refused, with where they belong', async () => {
    for (const folder of ['literal (1)/', '']) {
        const path = changed('plain-v2022-03-20', (files) => ({
            ...Object.fromEntries(logFiles(files).map((each) => [each, undefined])),
            ...Object.fromEntries(
                logFiles(files).map((each) => [each.replace('literal/', folder), files[each]]),
            ),
            'composition-log/notes.txt': 'mine',
        }))
        await assert.rejects(verified(path), {
            code: 'generation-not-read',
            message: /not in composition-log\/literal\/, where alone/,
            hint: new RegExp(`such as composition-log/${folder.replace(/[()]/g, '.')}2022-04-03`),
        })
    }
})

test('a file in the place of the folder with their log is no log of before', async () => {
    const path = changed('plain-v2022-03-20', (files) => ({
        ...Object.fromEntries(logFiles(files).map((each) => [each, undefined])),
        'composition-log/literal': Buffer.concat(logFiles(files).map((each) => files[each]!)),
    }))
    await assert.rejects(verified(path), {
        code: 'generation-not-read',
        message: /a file composition-log\/literal, where hosts since 2021-07-14 have a folder/,
    })
})

test('a copy of a log file beside it counts every record twice, and that is all that is said of it', async () => {
    for (const suffix of [' (1)', '~']) {
        for (const at of [1, -1]) {
            const path = changed('plain-v2022-03-20', (files) => {
                const copied = logFiles(files).at(at) ?? ''
                return { [`${copied}${suffix}`]: files[copied] }
            })
            assert.deepEqual(found(await verified(path)), ['error duplicate-record', 'warning foreign-file'])
        }
    }
})

test('a log file under another name is told the one that it had, under which all is as it was', async () => {
    const names = (path: string) => [
        `${path}.part`,
        path.replace(/[^/]*$/, (name) => `old-${name}`),
        path.replace(/(?<=\/)[^/]*$/, (name) => name.toLowerCase().replace('.jsonl', ' (1).jsonl')),
    ]
    for (const store of ['plain-v2022-03-20', 'g2-plain']) {
        const before = await verified(unpackLater(store, folder))
        const [first = ''] = Object.keys(filesOfLater(store)).filter((path) =>
            path.startsWith('composition-log/'),
        )
        for (const odd of names(first)) {
            const path = changed(store, (files) => ({ [first]: undefined, [odd]: files[first] }))
            const { list } = (await verified(path)).findings
            const [, named = ''] =
                list.map(({ help }) => /the name that it had: (.*)\.$/.exec(help)).find(Boolean) ?? []
            assert.equal(named, first, odd)
            for (const { id, help } of list)
                assert.match(help, id === 'foreign-file' ? /had/ : /`foreign-file`/, `${odd}: ${id}`)
            renameSync(join(path, odd), join(path, named))
            const now = await verified(path)
            assert.deepEqual([found(now), now.head], [[], before.head])
        }
        // As an interrupted replacement leaves it: the new file beside the old one, which is empty already.
        for (const [odd, rest] of [
            [`${first}.tmp`, Buffer.alloc(0)],
            [`${first}~`, Buffer.alloc(9)],
        ] as const) {
            const path = changed(store, (files) => ({ [first]: rest, [odd]: files[first] }))
            const { list } = (await verified(path)).findings
            const help = list.find(({ id }) => id === 'foreign-file')?.help ?? ''
            assert.ok(help.includes(`the name that it had: ${first}, in place of the file`), help)
            renameSync(join(path, odd), join(path, first))
            const now = await verified(path)
            assert.deepEqual([found(now), now.head], [[], before.head])
        }
    }
})

test('a log file of which the name tells no time, or one that another has, is not told another', async () => {
    const last = logFiles(filesOfLater('plain-v2022-03-20')).at(-1) ?? ''
    const helpOf = async (odd: string, others: Readonly<Record<string, undefined>>) => {
        const path = changed('plain-v2022-03-20', (files) => ({ ...others, [odd]: files[last] }))
        return (await verified(path)).findings.list.find(({ id }) => id === 'foreign-file')?.help ?? ''
    }
    const lastLine = (bytes: Buffer) => bytes.subarray(0, bytes.lastIndexOf(10, -2) + 1)
    assert.match(await helpOf(last.replace(/[^/]*$/, 'zzz'), { [last]: undefined }), /does not tell when/)
    const beside = async (part: (bytes: Buffer) => Buffer) => {
        const path = changed('plain-v2022-03-20', (files) => ({
            [last]: lastLine(files[last]!),
            [`${last}~`]: part(files[last]!),
        }))
        return (await verified(path)).findings.list.map(({ help }) => help).join()
    }
    assert.match(await beside((bytes) => bytes), /as in .*; the rest may stay/)
    // What a repair leaves of it is not sent to be repaired again.
    const rest = await beside((bytes) => bytes.subarray(lastLine(bytes).length))
    assert.match(rest, /nothing in this one stands elsewhere: it may stay/)
    assert.doesNotMatch(rest, /complog/)
})

test('a copy of the log folder beside it is told of, as it goes when a host truncates the store', async () => {
    for (const name of ['plain-v2022-03-20', 'cont-g2-g3']) {
        const path = changed(name, (files) => {
            const [log = ''] = Object.keys(files).filter((each) => each.startsWith('composition-log/'))
            return { [log.replace(/^composition-log\/[^/]*/, '$&.bak')]: files[log] }
        })
        const { list } = (await verified(path)).findings
        const copy = list.find(({ id }) => id === 'foreign-file')
        assert.match(copy?.place?.file ?? '', /^composition-log\/[^/]+\.bak$/)
        assert.match(copy?.host ?? '', /truncates the store, it removes it/)
    }
})

test('a value or a reduction with its name in upper case is told to be named anew', async () => {
    const path = changed('plain-v2022-03-20', (files) => {
        const upper = (folder: string) => {
            const from = Object.keys(files).find((each) => each.startsWith(folder)) ?? ''
            const at = from.lastIndexOf('/') + 1
            return { [from]: undefined, [from.slice(0, at) + from.slice(at).toUpperCase()]: files[from] }
        }
        return { ...upper('literal-element/'), ...upper('provisional-reduction/') }
    })
    const renamed = (await verified(path)).findings.list.filter(({ help }) => /in lower case/.test(help))
    assert.deepEqual(renamed.map(({ id }) => id).sort(), ['foreign-file', 'reduction-misnamed'])
})

test('a value that a backup has renamed is told to be named anew, and a copy of one to be moved', async () => {
    const name = 'g3-truncated'
    const { head } = expectedOfLater(name)
    const path = `component/${head.slice(0, 2)}/${head}`
    const helps = async (isMoved: boolean) => {
        const store = changed(name, (files) => ({
            [`${path}.bak`]: files[path],
            ...(isMoved && { [path]: undefined }),
        }))
        return (await verified(store)).findings.list.map(({ id, help }) => `${id}: ${help}`)
    }
    const [lost, renamed, ...others] = await helps(true)
    assert.match(lost ?? '', /^head-file: Restore the file .* from a backup.* A reduction shows/)
    assert.match(
        renamed ?? '',
        /^foreign-file: No sound file has the name of this value\. .* name it as a host would/,
    )
    const [copied, ...noOthers] = await helps(false)
    assert.match(copied ?? '', /^foreign-file: Move it elsewhere/)
    assert.deepEqual([others, noOthers], [[], []])
})

test('lines that were swapped, doubled or lost are found, wherever no administrator stands', async () => {
    const name = 'plain-v2024-03-24'
    const files = filesOfLater(name)
    const path = logFiles(files)[1] ?? ''
    const lines = (files[path]?.toString('utf8') ?? '').split('\n').slice(0, -1)
    assert.ok(lines.length > 3)
    const write = (changedLines: readonly string[]) =>
        changed(name, () => ({ [path]: `${changedLines.join('\n')}\n` }))
    const [a = '', b = '', c = '', ...rest] = lines
    for (const changedLines of [
        [b, a, c, ...rest],
        [a, a, b, c, ...rest],
        [a, c, ...rest],
        [a, b, c, ...rest, a],
    ]) {
        assert.ok((await idsIn(write(changedLines))).some((each) => each.startsWith('error')))
    }
})

test('lines in another order are no fork where each parent is named once, and reorder mends them', async () => {
    for (const [order, lines] of [
        [[0, 2, 1], [3]],
        [[1, 0, 2], [2]],
    ] as const) {
        const swapped = changed('g2-plain', (files) => {
            const [path = ''] = logFiles(files)
            const [a = '', b = '', c = '', ...rest] = (files[path]?.toString('utf8') ?? '').split('\n')
            return { [path]: [...order.map((i) => [a, b, c][i]), ...rest].join('\n') }
        })
        const { findings } = await verified(swapped)
        assert.deepEqual(
            findings.list.map(({ id, lines }) => [id, lines]),
            lines.map((count) => ['out-of-order', count]),
        )
        const { length, head } = await planReorder(laterStoreAt(swapped)!, undefined)
        const expected = expectedOfLater('g2-plain')
        assert.deepEqual([length, head], [expected.records.length, expected.head])
    }
})

test('nor are more of them than are counted', async () => {
    const shuffled = changed('g2-plain', (files) => {
        const [path = ''] = logFiles(files)
        const [, second = ''] = (files[path]?.toString('utf8') ?? '').split('\n')
        const { events } = JSON.parse(second) as { events: unknown }
        const count = 2 * findingsPerIdMax + 100
        const lines: string[] = []
        for (let [i, parent] = [0, genesisOfLater as string]; i < count; i++) {
            const line = JSON.stringify({ parentHashBase16: parent, events })
            lines[(i * 1009) % count] = line
            parent = createHash('sha256').update(line).digest('hex')
        }
        return { [path]: `${lines.join('\n')}\n` }
    })
    const { findings } = await verified(shuffled)
    const ids = new Set(findings.list.map(({ id }) => id))
    assert.ok(ids.has('out-of-order') && !ids.has('missing-parent') && !ids.has('fork'), [...ids].join())
})

test('two lines that were swapped are never told as two hosts that write at once', async () => {
    const files = filesOfLater('history-v2023-03-16')
    const lines = logFiles(files).flatMap((path) => String(files[path]).split(/(?<=\n)/))
    let seen = 0
    for (let i = 1; i + 1 < lines.length; i += thinned(3, 1)) {
        const swapped = lines.with(i, lines[i + 1] ?? '').with(i + 1, lines[i] ?? '')
        let from = 0
        const path = changed('history-v2023-03-16', () =>
            Object.fromEntries(
                logFiles(files).map((each) => {
                    const count = String(files[each]).split('\n').length - 1
                    from += count
                    return [each, swapped.slice(from - count, from).join('')]
                }),
            ),
        )
        const ids = await idsIn(path)
        if (ids.includes('error out-of-order')) seen++
        assert.ok(!ids.includes('warning interleaved-record'), `${i}: ${ids.join()}`)
    }
    assert.ok(seen > 5, String(seen))
})

test('another head than the expected one', async () => {
    const result = await verified(unpackLater('plain-v2022-03-20', folder), 'ab'.repeat(32))
    assert.deepEqual(found(result), ['error head-differs'])
})

test('every id that only these stores have is found in one of them', () => {
    const known = Object.keys(findingKinds)
    for (const id of findingsOfLaterStores) assert.ok(known.includes(id), id)
    const seen = [...Object.values(foundInSound), ...Object.values(foundInDamaged).map(([ids]) => ids)].flat()
    const elsewhere = ['empty-log-file', 'head-file', 'value-missing', 'revert-target']
    for (const id of findingsOfLaterStores)
        assert.ok(elsewhere.includes(id) || seen.some((each) => each.endsWith(` ${id}`)), id)
})
