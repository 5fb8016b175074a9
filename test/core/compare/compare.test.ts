import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'

import { type CompareOptions, compare } from '../../../src/core/compare/compare.js'
import type { Ref } from '../../../src/core/composition/ref.js'
import { openProcessStore } from '../../../src/core/store/process-store.js'
import { fixtureApp } from '../../support/apps.js'
import { counterLog, LogWriter, reductionFile } from '../../support/log-writer.js'
import { fixtureStores, makeStore } from '../../support/stores.js'
import { temporaryFolder } from '../../support/temporary.js'
import { thinned } from '../../support/thinned.js'
import { appOfScript, scriptOf } from './script-app.js'

const folder = temporaryFolder({ after })
const number = (position: number): Ref => ({ kind: 'number', position })

const adds = 'return [state + event.n, String(state + event.n)]'

/** Each event in a record of its own. */
function storeOf(events: readonly object[]) {
    const log = new LogWriter()
    for (const event of events) log.add({ events: [JSON.stringify(event)] })
    return openProcessStore(makeStore(temporaryFolder({ after }), log.lines))
}

interface Versions {
    readonly before?: string
    readonly after?: string
    readonly initState?: string
}

async function compareVersions(events: readonly object[], versions: Versions, options: CompareOptions = {}) {
    const { before = adds, after: next = before, initState } = versions
    const [one, other] = [
        await appOfScript(folder, 'App', scriptOf(before)),
        await appOfScript(folder, 'App', scriptOf(next, initState)),
    ]
    return compare(await storeOf(events), { before: one, after: other }, options)
}

const ones = Array.from({ length: 50 }, () => ({ n: 1 }))
const groupsOf = (compared: Awaited<ReturnType<typeof compare>>) =>
    compared.groups.map(({ what, path, count, first }) => [what, path, count, first.position])

describe('two versions of an app', () => {
    test('that are the same have no difference', async () => {
        for (const { path, app } of fixtureStores) {
            const loaded = await fixtureApp(app)
            const { first, totals, groups, atEnd, records, to } = await compare(
                await openProcessStore(path),
                {
                    before: loaded,
                    after: loaded,
                },
            )
            assert.deepEqual([first, groups, atEnd], [undefined, [], null])
            assert.deepEqual(totals, { responses: 0, states: 0, failures: 0 })
            assert.equal(records, to)
        }
    })

    const many = thinned(5000, 100_000)
    test(`that are the same have no difference over ${many} events`, async () => {
        const loaded = await fixtureApp('counter')
        const store = await openProcessStore(makeStore(temporaryFolder({ after }), counterLog(many).lines))
        for (const resync of [false, true]) {
            const compared = await compare(store, { before: loaded, after: loaded }, { resync })
            assert.deepEqual([compared.records, compared.events], [many, many])
            assert.deepEqual([compared.first, compared.atEnd], [undefined, null])
        }
    })

    test('that differ once in a response are found at that event', async () => {
        const next = adds.replace('String(', '(state === 20 ? "!" : "") + String(')
        const { first, totals, atEnd } = await compareVersions(ones, { after: next })
        assert.deepEqual([first?.what, first?.record?.position, first?.eventIndex], ['response', 21, 0])
        assert.deepEqual([first?.before, first?.after], ['21', '!21'])
        assert.deepEqual([totals, atEnd], [{ responses: 1, states: 0, failures: 0 }, null])
    })

    test('whose answer is of the same kind, at the same place and as long, differ by what it says', async () => {
        const saying = (number: string) =>
            `var said = { kind: "order", is: ${number} }; return [said, JSON.stringify(said)]`
        const events = Array.from({ length: 50 }, (_, i) => ({ n: 100 + i }))
        const compared = await compareVersions(events, {
            before: saying('event.n'),
            after: saying('event.n === 106 ? 160 : event.n'),
        })
        const { first, totals, atEnd } = compared
        assert.deepEqual(groupsOf(compared), [
            ['response', '/is', 1, 7],
            ['state', '/is', 1, 7],
        ])
        assert.deepEqual(first && [first.before, first.after], [
            '{"kind":"order","is":106}',
            '{"kind":"order","is":160}',
        ])
        assert.deepEqual([totals.failures, atEnd], [0, null])
    })

    test('that differ in a state go on apart, and every response is counted', async () => {
        const next = 'var s = state + event.n + (state === 20 ? 1 : 0); return [s, String(s)]'
        const compared = await compareVersions(ones, { after: next })
        assert.deepEqual([compared.first?.what, compared.first?.record?.position], ['response', 21])
        assert.deepEqual(compared.totals, { responses: 30, states: 1, failures: 0 })
        assert.deepEqual(compared.atEnd?.changes, [{ pointer: '', before: '50', after: '51' }])
    })

    test('count each difference by itself where NEW is given OLD’s state', async () => {
        const next = 'var s = state + event.n + (state % 10 === 9 ? 1 : 0); return [s, String(s)]'
        const compared = await compareVersions(ones, { after: next }, { resync: true })
        assert.deepEqual(compared.totals, { responses: 5, states: 5, failures: 0 })
        assert.equal(compared.first?.record?.position, 10)
        assert.equal(compared.atEnd, null)
    })

    test('that differ in the state only for a while are found all the same', async () => {
        const next =
            'var s = state === 20 ? 0 : state === 0 && event.n > 1 ? event.n : state + event.n; return [s, ""]'
        const quiet = 'return [event.n > 1 ? event.n : state + event.n, ""]'
        const events = [...ones.slice(0, 21), { n: 30 }, { n: 1 }]
        const compared = await compareVersions(events, { before: quiet, after: next })
        assert.deepEqual([compared.first?.what, compared.first?.record?.position], ['state', 21])
        assert.equal(compared.atEnd, null)
    })

    test('one of which fails: the record is named, and what comes before it is compared', async () => {
        const next =
            'if (state === 20) throw new Error("no more"); return [state + event.n, state === 5 ? "!" : String(state + event.n)]'
        const ended = await compareVersions(ones, { after: next })
        assert.deepEqual([ended.first?.what, ended.first?.record?.position], ['response', 6])
        assert.deepEqual(ended.totals, { responses: 1, states: 0, failures: 1 })
        assert.deepEqual([ended.records, ended.atEnd], [20, null])
        const resynced = await compareVersions(ones, { after: next }, { resync: true })
        assert.deepEqual(resynced.totals, { responses: 1, states: 0, failures: 1 })
        assert.deepEqual([resynced.records, resynced.atEnd], [50, null])
    })

    test('of which OLD fails, or both do', async () => {
        const failing =
            'if (state === 20) throw new Error("no more"); return [state + event.n, String(state + event.n)]'
        const old = await compareVersions(ones, { before: failing, after: adds })
        assert.deepEqual(
            [old.first?.what, old.first?.record?.position, old.first?.after],
            ['failure', 21, undefined],
        )
        assert.match(old.first?.before ?? '', /no more/)
        await assert.rejects(compareVersions(ones, { before: failing }), {
            code: 'app-threw',
            message: /In record #21/,
        })
    })

    test('an endless event of NEW is a failure', async () => {
        const endless = scriptOf(`for (; state === 7;) { } ${adds}`)
        const [before, next] = [
            await appOfScript(folder, 'App', scriptOf(adds)),
            await appOfScript(folder, 'App', endless, 300),
        ]
        const { first } = await compare(await storeOf(ones), { before, after: next })
        assert.deepEqual([first?.what, first?.record?.position], ['failure', 8])
        assert.match(first?.after ?? '', /ran out of time/)
    })

    test('of which NEW cannot start, take a state or write its own: where, and why', async () => {
        const failing = (from: string, to: string) => scriptOf(adds).replace(from, to)
        const writes = 'return JSON.stringify(state)'
        const noStart = failing(
            'initState = 0',
            'initState = (function () { throw new Error("no start") }())',
        )
        const noRead = failing(
            'JSON.parse(text); };\n',
            '(function () { throw new Error("no read") }()); };\n',
        )
        const noWrite = failing(writes, `if (state === 20) throw new Error("no write"); ${writes}`)
        const noEnd = failing(writes, `if (state === 50) throw new Error("no end"); ${writes}`)
        const cases: readonly (readonly [string, CompareOptions, number | undefined, RegExp])[] = [
            [noStart, {}, undefined, /no start/],
            [noRead, { from: number(10) }, undefined, /no read/],
            [noWrite, {}, 20, /no write/],
            [noWrite, { until: number(20) }, 20, /no write/],
            [noEnd, {}, 50, /no end/],
        ]
        const before = await appOfScript(folder, 'App', scriptOf(adds))
        const store = await storeOf(ones)
        for (const [script, options, position, message] of cases) {
            const next = await appOfScript(folder, 'App', script)
            const { first, totals, atEnd } = await compare(store, { before, after: next }, options)
            assert.deepEqual(
                [first?.what, first?.record?.position, first?.before],
                ['failure', position, undefined],
            )
            assert.match(first?.after ?? '', message)
            assert.deepEqual([totals.failures, atEnd], [1, null])
        }
        const next = await appOfScript(folder, 'App', noStart)
        await assert.rejects(compare(store, { before: next, after: before }), { code: 'app-threw' })
    })

    test('whose initial states differ are told apart before any record', async () => {
        const { first, groups } = await compareVersions(ones, { initState: '5' })
        assert.deepEqual(
            [first?.what, first?.record, first?.before, first?.after],
            ['state', undefined, '0', '5'],
        )
        assert.equal(groups.find(({ what }) => what === 'state')?.first.position, 0)
    })
})

describe('a comparison', () => {
    const list =
        'var s = { items: (state.items || []).concat([{ id: event.n, name: "x" }]), at: event.n }; return [s, JSON.stringify({ ok: true, at: event.n })]'
    const numbered = ones.map((_, i) => ({ n: i }))

    test('does not mind how JSON is written', async () => {
        const next = list.replace(
            'JSON.stringify({ ok: true, at: event.n })',
            `'{ "at": ' + event.n + '.0, "ok": true }'`,
        )
        const { first } = await compareVersions(numbered, { before: list, after: next })
        assert.equal(first, undefined)
    })

    test('tells integers apart that differ beyond what a number of JavaScript holds', async () => {
        const big = 'return [state, "9007199254740993"]'
        const { first } = await compareVersions(ones, { before: big, after: big.replace('993', '992') })
        assert.deepEqual([first?.before, first?.after], ['9007199254740993', '9007199254740992'])
    })

    test('tells lone surrogates apart', async () => {
        const text = String.raw`return [state, "\ud800"]`
        const { first } = await compareVersions(ones, { before: text, after: text.replace('d800', 'd801') })
        assert.equal(first?.record?.position, 1)
    })

    test('leaves out what is ignored, in states and responses', async () => {
        const next = list.replace('at: event.n };', 'at: event.n + 1 };').replace('name: "x"', 'name: "y"')
        const some = await compareVersions(
            numbered.slice(0, 9),
            { before: list, after: next },
            { ignored: ['/at'] },
        )
        assert.deepEqual(groupsOf(some), [['state', '/items/*/name', 1, 1]])
        const both = { ignored: ['/at', '/items/*/name'] }
        const none = await compareVersions(numbered.slice(0, 9), { before: list, after: next }, both)
        assert.deepEqual([none.first, none.atEnd], [undefined, null])
    })

    test('finds a later difference behind one that is ignored', async () => {
        const next = list
            .replace('at: event.n };', 'at: event.n + 1 };')
            .replace('name: "x"', 'name: (state.items || []).length === 30 ? "y" : "x"')
        const { first } = await compareVersions(numbered, { before: list, after: next }, { ignored: ['/at'] })
        assert.deepEqual([first?.what, first?.record?.position], ['state', 31])
    })

    const forgetful = 'return [event.n === 7777 ? PLANTED : event.n, ""]'
    const versions = (pad: string) => {
        const grown = forgetful.replace('return [', `return ["${pad}" + (`).replace(', ""]', '), ""]')
        return {
            before: grown.replace('PLANTED', 'event.n'),
            after: grown.replace('PLANTED', '"gone again"'),
        }
    }
    const long = Array.from({ length: 9000 }, (_, n) => ({ n }))

    test('finds a small state that is different after one event only', async () => {
        const { first, totals, statesEvery } = await compareVersions(long, versions(''))
        assert.deepEqual(
            [first?.what, first?.record?.position, first?.after],
            ['state', 7778, '"gone again"'],
        )
        assert.deepEqual([totals.states, statesEvery], [1, 1])
    })

    test('says how many states it passed over, and with exact passes over none', async () => {
        const large = versions('x'.repeat(1000))
        const some = await compareVersions(long, large)
        assert.ok(some.statesEvery > 1)
        assert.deepEqual([some.first, some.atEnd], [undefined, null])
        const { first, statesEvery } = await compareVersions(long, large, { exact: true })
        assert.deepEqual([first?.record?.position, statesEvery], [7778, 1])
    })

    test('with exact passes over none either where a part is ignored', async () => {
        const state = 'return [{ at: event.n + SHIFT, is: event.n === 77 ? PLANTED : 0 }, ""]'
        const [before, next] = [
            state.replace('SHIFT', '0').replace('PLANTED', '0'),
            state.replace('SHIFT', '1').replace('PLANTED', '1'),
        ]
        const options = { ignored: ['/at'], exact: true }
        const { first, totals } = await compareVersions(long.slice(0, 100), { before, after: next }, options)
        assert.deepEqual([first?.record?.position, totals.states, totals.responses], [78, 1, 0])
    })

    test('says the same of a log that is read first', async () => {
        const next = 'var s = state + event.n + (state === 33 ? 1 : 0); return [s, String(s % 20)]'
        const old = next.replace('=== 33', '=== -1')
        const failing = next.replace('var s', 'if (state === 40) throw new Error("no more"); var s')
        for (const after of [old, next, failing]) {
            const inOnePass = await compareVersions(ones, { before: old, after })
            const whenChecked = await compareVersions(ones, { before: old, after }, { until: number(50) })
            assert.deepEqual(whenChecked, inOnePass)
        }
    })

    test('of a log that is none is refused as by replay, whatever the apps do', async () => {
        const { lines } = counterLog(9)
        const path = makeStore(temporaryFolder({ after }), lines.toSpliced(4, 1))
        const failing = await appOfScript(folder, 'App', scriptOf('throw new Error("no")'))
        const compared = compare(await openProcessStore(path), { before: failing, after: failing })
        await assert.rejects(compared, { code: 'broken-chain' })
        const shuffled = makeStore(temporaryFolder({ after }), lines.toReversed())
        const counter = await fixtureApp('counter')
        const { records, atEnd } = await compare(await openProcessStore(shuffled), {
            before: counter,
            after: counter,
        })
        assert.deepEqual([records, atEnd], [9, null])
    })

    test('begins and ends where it is said to', async () => {
        const next = 'var s = state + event.n + (state === 5 || state === 40 ? 1 : 0); return [s, String(s)]'
        const stretch = { from: number(10), until: number(45) }
        const { first, from, to } = await compareVersions(ones, { after: next }, stretch)
        assert.deepEqual([first?.record?.position, from, to], [41, 10, 45])
        const short = { from: number(10), until: number(40) }
        assert.equal((await compareVersions(ones, { after: next }, short)).first, undefined)
    })

    test('of a truncated log begins with its oldest reduction', async () => {
        const log = new LogWriter()
        for (const event of ones) log.add({ events: [JSON.stringify(event)] })
        const hash = log.hashes[19]!
        const reductions = { [hash]: reductionFile(hash, '20') }
        const path = makeStore(temporaryFolder({ after }), log.lines.slice(15), reductions)
        const app = await appOfScript(folder, 'App', scriptOf(adds))
        const compared = await compare(await openProcessStore(path), { before: app, after: app })
        assert.deepEqual(
            [compared.from, compared.to, compared.records, compared.first],
            [5, 35, 30, undefined],
        )
    })

    test('finds one change in a long log at its record', async () => {
        const records = thinned(9000, 20_000)
        const store = await storeOf(Array.from({ length: records }, () => ({ n: 1 })))
        const before = await appOfScript(folder, 'App', scriptOf(adds))
        for (const [nth, position] of thinned([8191, records], [1, 8191, records]).entries()) {
            const response = position % 2 === 0 ? 'String(s)' : 'String(state + event.n)'
            const next = `var s = state + event.n + (state === ${position - 1} ? 1 : 0); return [s, ${response}]`
            const changed = await appOfScript(folder, 'App', scriptOf(next))
            for (const resync of thinned([nth === 1], [false, true])) {
                const { first, totals } = await compare(store, { before, after: changed }, { resync })
                assert.equal(first?.record?.position, position)
                assert.equal(totals.states, 1)
            }
        }
    })
})
