import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, test } from 'node:test'

import fc from 'fast-check'

import { targets } from '../../../src/core/convert/targets.js'
import { withElmJsonOnTop } from '../../../src/core/elm-app/source/whole-app.js'
import { deployedApp, filesOfApp } from '../../../src/core/later/contents/deployed-app.js'
import { givenState } from '../../../src/core/later/contents/given-state.js'
import { isStateText } from '../../../src/core/later/contents/state-json.js'
import { eventOf, fileOfValue, newLaterStore, reductionOf } from '../../../src/core/later/new-store.js'
import { isNoRecord, parseLaterRecord } from '../../../src/core/later/records/record.js'
import { decodeHashForm } from '../../../src/core/later/values/value-forms.js'
import { verifyLater } from '../../../src/core/later/verify-later.js'
import { laterStoreAt } from '../../../src/core/store/recognise.js'
import { anyText } from '../../support/any-text.js'
import { expectedOfLater, filesOfLater, unpackLater } from '../../support/later-stores.js'
import { temporaryFolder, writeFiles } from '../../support/temporary.js'
import { thinned } from '../../support/thinned.js'

const folder = temporaryFolder({ after })
const laterTargets = targets.filter(({ form }) => form.kept !== undefined)

/** Stores that a host of the form has begun, and the form. */
const begun: Readonly<Record<string, string>> = {
    'g2-plain': '2020-05-01',
    'g2-history': '2020-05-01',
    'g3-plain': '2020-05-06',
    'g3-history': '2020-05-06',
    'g3b-plain': '2020-11-08',
    'g3b-threshold': '2020-11-08',
    'g3c-history': '2020-12-19',
    'g3d-plain': '2021-02-14',
    'plain-v2021-07-14': '2021-07-14',
    'history-v2021-09-01': '2021-09-01',
    'plain-v2022-03-20': '2021-09-01',
    'history-v2023-03-16': '2023-02-27',
    'plain-v2024-03-24': '2023-02-27',
}

function targetFrom(from: string) {
    const found = laterTargets.find(({ form }) => form.from === from)
    assert.ok(found?.form.kept && found.generation.writer.record, from)
    return { ...found, kept: found.form.kept, record: found.generation.writer.record }
}

async function readStore(path: string) {
    const store = laterStoreAt(path)
    assert.ok(store)
    return verifyLater(store)
}

for (const [name, from] of Object.entries(begun)) {
    test(`a new store is made of the bytes that the hosts of ${name} wrote`, async () => {
        const { generation, form, kept, record } = targetFrom(from)
        const files = filesOfLater(name)
        const read = await readStore(unpackLater(name, folder))
        const app = deployedApp(read, { kind: 'number', position: 1 }).app
        const made = newLaterStore({
            generation,
            form,
            state: '{}',
            app: withElmJsonOnTop(filesOfApp(read.values, app), name),
            time: new Date(),
        })
        // Every file of the app, in its place, and the record that deploys it.
        let same = 0
        for (const [path, bytes] of made.files) {
            const theirs = files[path]
            if (theirs === undefined) continue
            same++
            if (/^deflated|head-hash$/.test(path)) continue
            assert.deepEqual(theirs, bytes, path)
        }
        assert.ok(same >= filesOfApp(read.values, app).size, `${same} files are the same`)
        const [first] = expectedOfLater(name).records
        const deployed = record(eventOf('DeployAppConfigAndInitElmAppState', app), undefined)
        const all = Object.values(files).map((bytes) => bytes.toString('latin1'))
        assert.equal(first?.[2], 'DeployAppConfigAndInitElmAppState')
        assert.ok(all.some((text) => text.startsWith(deployed) || text.endsWith(`\0${deployed}`)))
        // Records that set a state, and all reductions and values.
        const lines = Object.entries(files).flatMap(([path, bytes]) =>
            /^composition-log\//.test(path)
                ? bytes.toString('utf8').split('\n')
                : [bytes.subarray(bytes.indexOf(0) + 1).toString('utf8')],
        )
        for (const line of lines) {
            const parsed = parseLaterRecord(Buffer.from(line))
            if (isNoRecord(parsed)) continue
            const [event, ...others] = parsed.events
            if (event?.kind !== 'set-state' || event.names === undefined || others.length > 0) continue
            assert.equal(record(eventOf('SetElmAppState', event.names), parsed.parent), line)
        }
        for (const { hash, state, app: reduced } of read.reductions.byHash.values()) {
            assert.ok(state && reduced)
            assert.deepEqual(reductionOf(hash, state, reduced), files[`provisional-reduction/${hash}`])
        }
        const { folder: place, deflatedFolder } = kept.values
        for (const [path, bytes] of Object.entries(files)) {
            if (!path.startsWith(`${place}/`)) continue
            const decoded = decodeHashForm(bytes)
            assert.ok('hash' in decoded)
            const value = decoded.values.get(decoded.hash)
            assert.deepEqual(value && fileOfValue(value, kept.values), [path, bytes])
        }
        for (const hash of read.values.hashes) {
            const [path] = read.values.filesOf(hash).map(({ file }) => file.path)
            const value = read.values.load(hash)
            if (deflatedFolder === undefined || path?.startsWith(`${deflatedFolder}/`) !== true) continue
            assert.equal(value && fileOfValue(value, kept.values)[0], path)
        }
        const { logFileName, logFolder = '', writer } = generation
        if (writer.logFileAt === undefined) assert.equal(files['composition-log-head-hash']?.length, 32)
        else {
            const path = writer.logFileAt(new Date('2021-07-14T05:06:07Z'))
            assert.match(path, logFileName ?? /^$/)
            const theirs = Object.keys(files).filter((each) => each.startsWith(`${logFolder}/`))
            assert.ok(theirs.every((each) => logFileName?.test(each.slice(logFolder.length + 1))))
        }
    })
}

const name = fc
    .stringMatching(/^[a-zé😀 ._-]{1,9}$/u)
    .filter((text) => !/^\.{1,2}$|[ .]$/.test(text) && !/^(?:con|prn|aux|nul)$/i.test(text))
const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.integer({ min: 9900, max: 30_000 }).map((length) => new Uint8Array(length)),
    fc.uint8Array({ minLength: 10_000, maxLength: 12_000, size: 'max' }),
)
// Folders have names of their own, so that none is a file as well.
const path = fc
    .tuple(fc.array(name, { maxLength: 2 }), name)
    .map(([folders, file]) => [...folders.map((each) => `d ${each}`), `f ${file}`].join('/'))
const app = fc
    .array(fc.tuple(path, bytes), { maxLength: 5 })
    .map((entries) => new Map<string, Uint8Array>([['elm.json', Buffer.from('{}')], ...entries]))
const state = fc.oneof(
    fc.json(),
    anyText().filter((text) => isStateText({ kind: 'blob', bytes: Buffer.from(text) })),
    fc.constantFrom('', '{"text":"half \\ud83d"}', '"U+2028 \u2028"', `"${'x'.repeat(20_000)}"`),
)

test('any state and any app are what complog reads of the new store, in each form, with no finding', async () => {
    let run = 0
    const property = fc.asyncProperty(
        fc.constantFrom(...laterTargets),
        state,
        app,
        fc.date({ min: new Date('2020-01-01'), max: new Date('2099-12-31'), noInvalidDate: true }),
        async (target, text, files, time) => {
            const made = newLaterStore({ ...target, state: text, app: files, time })
            const store = join(folder, `new-${++run}`)
            writeFiles(store, Object.fromEntries(made.files))
            const read = await readStore(store)
            assert.deepEqual(read.findings.list, [])
            assert.deepEqual([read.store.generation, read.head], [target.generation, made.head])
            const given = givenState(read)
            assert.deepEqual([given.state, given.format, given.given.kind], [text, 'text', 'reduction'])
            // The record itself says the same as its reduction.
            const events = [...read.kinds.keys()]
            assert.deepEqual(events, ['deploy-init', 'set-state'])
            assert.equal(read.orphans.files, 0)
            const theirs = withElmJsonOnTop(filesOfApp(read.values, deployedApp(read).app), 'app')
            const contents = (map: ReadonlyMap<string, Uint8Array>) =>
                [...map].map(([each, content]) => [each, Buffer.from(content)]).sort()
            assert.deepEqual(contents(theirs), contents(files))
        },
    )
    await fc.assert(property, { numRuns: thinned(30, 60) })
})
