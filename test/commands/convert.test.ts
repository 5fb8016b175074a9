import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'

import { targets } from '../../src/core/convert/targets.js'
import { deployedApp, filesOfApp } from '../../src/core/later/contents/deployed-app.js'
import { readLater } from '../../src/core/later/reading/read-later.js'
import { laterStoreAt } from '../../src/core/store/recognise.js'
import { withApp } from '../support/cli.js'
import { complogJson, errorOf, resultOf } from '../support/envelope.js'
import { expectedOfLater, unpackLater } from '../support/later-stores.js'
import { listing } from '../support/listing.js'
import { fixtureStores } from '../support/stores.js'
import { readFiles, temporaryFolder, writeFiles } from '../support/temporary.js'
import { thinned } from '../support/thinned.js'
import { warmComplog } from '../support/warm.js'

const folder = temporaryFolder({ after })
const elmHome = withApp().slice(2)
const output = (name: string) => join(folder, 'new', name)

/** The app that ran on a store, as a folder. */
async function appOf(name: string): Promise<string> {
    const store = laterStoreAt(unpackLater(name, folder))
    assert.ok(store)
    const { values, ...read } = await readLater(store)
    const app = join(folder, 'apps', name)
    writeFiles(app, Object.fromEntries(filesOfApp(values, deployedApp({ values, ...read }).app)))
    return app
}

/** Apps by what hosts look for in them. */
const apps = {
    httpRequest: await appOf('g2-plain'),
    HttpRequestEvent: await appOf('g3d-plain'),
    backendMain: await appOf('plain-v2022-03-20'),
    webServiceMain: await appOf('plain-v2024-03-24'),
}

function appFor(wanted: string | undefined): string | undefined {
    const found = Object.entries(apps).find(([name]) => wanted?.includes(name))
    return found?.[1]
}

/** The state that a new store gives without an app: of hosts until 2020-04 what its one record says. */
async function stateOf(store: string): Promise<string> {
    const [line] = Object.entries(readFiles(store)).filter(([path]) => path.startsWith('composition/'))
    if (line !== undefined) {
        const { SetState: set } = JSON.parse(line[1].toString()) as { SetState: { LiteralString: string } }
        return set.LiteralString
    }
    const { exitCode, stdout, stderr } = await warmComplog(['replay', store])
    assert.equal(exitCode, 0, stderr)
    return stdout
}

describe('a store becomes one of every form, with the same state, and nothing to find', () => {
    const sources = ['l0-plain', 'g2-history', 'truncated-v2022-03-20', 'v053-fn']
    for (const name of sources) {
        test(name, async () => {
            const store = unpackLater(name, folder)
            const before = readFiles(store)
            const isOfKalmit = name.startsWith('l')
            const { state } = expectedOfLater(name)
            assert.ok(state !== null)
            // Where no reduction gives the state at the head, somebody else has it.
            const given = join(folder, `${name}.json`)
            writeFileSync(given, state)
            for (const [index, { form, generation }] of targets.entries()) {
                // Each form is the target of some sources.
                if ((index + sources.indexOf(name)) % thinned(2, 1) !== 0) continue
                const out = output(`${name}-${form.from}`)
                const app = appFor(form.kept?.app.wanted)
                const replay = isOfKalmit
                    ? ['--replay-app', apps.httpRequest, ...elmHome]
                    : name === 'truncated-v2022-03-20'
                      ? ['--state', given]
                      : elmHome
                const result = await resultOf('convert', [
                    store,
                    ...['--to', form.from, '--output', out],
                    ...(app === undefined ? [] : ['--app', app]),
                    // What the new app makes of the state of another one is nothing to its store.
                    '--accept-state-change',
                    ...replay,
                ])
                assert.deepEqual([result.form, result.generation], [form.from, generation.id])
                assert.equal(result.files, Object.keys(readFiles(out)).length)
                const verified = await complogJson('verify-chain', [out, '--expect-head', result.head])
                assert.equal(verified.status, 'ok')
                assert.deepEqual('result' in verified && verified.result.findings, [])
                const theirs = await stateOf(out)
                if (name.startsWith('v0')) assert.deepEqual(JSON.parse(theirs), JSON.parse(state))
                else assert.equal(theirs, state)
            }
            assert.deepEqual(readFiles(store), before)
        })
    }
})

test('the app of the old store comes along where the new hosts look for the same in it', async () => {
    const store = unpackLater('truncated-v2022-03-20', folder)
    const { reductions } = expectedOfLater('truncated-v2022-03-20')
    const [[until, state] = []] = Object.entries(reductions)
    const out = output('same-app')
    const args = ['--to', '2022-03', '--output', out, '--until', until ?? '']
    const result = await resultOf('convert', [store, ...args])
    assert.deepEqual([result.given, result.hash], ['reduction', until])
    assert.equal(result.appFiles, Object.keys(readFiles(apps.backendMain)).length)
    assert.equal(await stateOf(out), state)
})

test('an app that would read the state as another one is refused, unless that is meant', async () => {
    const store = unpackLater('l0-plain', folder)
    const other = join(folder, 'apps', 'other')
    const renamed = ([path, bytes]: readonly [string, Buffer]) =>
        [path, bytes.toString().replaceAll('"total"', '"sum"')] as const
    writeFiles(other, Object.fromEntries(Object.entries(readFiles(apps.httpRequest)).map(renamed)))
    const args = ['--to', '2020-05-06', '--app', other, ...elmHome]
    const replay = ['--replay-app', apps.httpRequest, '--output', output('other-state')]
    const error = await errorOf('convert', [store, ...args, ...replay])
    assert.deepEqual([error.code, readFiles(output('other-state'))], ['state-not-understood', {}])
    assert.match(error.message, /^The new app does not read the state as it was written: of .* it makes /)
    const accepted = await complogJson('convert', [store, ...args, ...replay, '--accept-state-change'])
    assert.equal(accepted.status, 'ok')
    assert.match(accepted.warnings[0]?.message ?? '', /^The new app does not read the state/)
})

describe('nothing is written where', () => {
    const [kalmit] = fixtureStores
    const cases: Readonly<
        Record<string, readonly [store: string, args: readonly string[], code: string, message: RegExp]>
    > = {
        'the store keeps no app, and its new hosts want one': [
            kalmit?.path ?? '',
            ['--to', '2021-07', ...withApp().slice(2), '--replay-app', withApp()[1] ?? ''],
            'usage',
            /keep the app in the store, and the old store has none/,
        ],
        'the new hosts look for something else in the app': [
            unpackLater('truncated-v2022-03-20', folder),
            ['--to', '2024', '--state', join(folder, 'state.json')],
            'usage',
            /look for webServerMain or webServiceMain in the app/,
        ],
        'no app replays the log': [kalmit?.path ?? '', ['--to', '2020-04'], 'usage', /^Which app\?/],
        'nothing gives the state': [
            unpackLater('plain-v2022-03-20', folder),
            ['--to', '2022-03', '--until', '#3'],
            'no-reduction',
            /hosts since 2021-08 find what to call by code/,
        ],
        'the store is damaged': [
            unpackLater('damaged/byte-altered-v2022-03-20', folder),
            ['--to', '2022-03'],
            'error-findings',
            /^The store is damaged: /,
        ],
        'the app is a file': [
            unpackLater('plain-v2022-03-20', folder),
            ['--to', '2022-03', '--state', join(folder, 'state.json'), '--app', join(folder, 'state.json')],
            'app-malformed',
            /neither a folder nor a zip/,
        ],
        'the state is no text': [
            unpackLater('plain-v2022-03-20', folder),
            ['--to', '2022-03', '--state', join(folder, 'bytes')],
            'usage',
            /it is not UTF-8/,
        ],
        'the state could be taken for a value': [
            unpackLater('plain-v2022-03-20', folder),
            ['--to', '2022-03', '--state', join(folder, 'number')],
            'usage',
            /looks like a value of later hosts/,
        ],
        'an option is for other stores': [
            unpackLater('plain-v2022-03-20', folder),
            ['--to', '2022-03', '--head', 'head'],
            'usage',
            /--head is not for stores of this generation/,
        ],
    }
    writeFileSync(join(folder, 'state.json'), '{}')
    writeFileSync(join(folder, 'bytes'), Buffer.from([0xff]))
    writeFileSync(join(folder, 'number'), Buffer.from([4, 2]))
    for (const [what, [store, args, code, message]] of Object.entries(cases)) {
        test(what, async () => {
            const before = listing(store)
            const error = await errorOf('convert', [store, ...args, '--output', output('refused')])
            assert.deepEqual([error.code, readFiles(output('refused'))], [code, {}])
            assert.match(error.message, message)
            assert.deepEqual(listing(store), before)
        })
    }

    test('the folder has something in it, or lies in the store', async () => {
        const store = unpackLater('plain-v2022-03-20', folder)
        const args = ['--to', '2022-03', '--state', join(folder, 'state.json'), '--output']
        const filled = output('filled')
        mkdirSync(join(filled, 'empty'), { recursive: true })
        const before = listing(filled)
        assert.equal((await errorOf('convert', [store, ...args, filled])).code, 'output-not-empty')
        assert.deepEqual(listing(filled), before)
        const inside = await errorOf('convert', [store, ...args, join(store, 'new')])
        assert.match(inside.message, /lies in the store/)
        const [kalmit] = fixtureStores
        const within = [kalmit?.path ?? '', '--to', '2020-04', ...withApp(), '--output']
        assert.match(
            (await errorOf('convert', [...within, join(kalmit?.path ?? '', 'x')])).message,
            /lies in/,
        )
        // What was converted stands there now.
        const done = output('done')
        await resultOf('convert', [store, ...args, done])
        assert.equal((await errorOf('convert', [store, ...args, done])).code, 'output-not-empty')
    })
})
