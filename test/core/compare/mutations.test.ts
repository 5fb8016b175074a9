// Every version of an app that answers otherwise, or gets into another state, must be found, and at the right record.
// The versions are made by a program, of the scripts of the fixture apps; what is right, a loop says that does nothing
// but compare.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, test } from 'node:test'

import { checkLog } from '../../../src/core/check/check-log.js'
import { compare } from '../../../src/core/compare/compare.js'
import { parseRef } from '../../../src/core/composition/ref.js'
import { compiledScript } from '../../../src/core/elm-app/compile/compiled-script.js'
import { AppFailure, type LoadedElmApp } from '../../../src/core/elm-app/elm-app.js'
import { readAppSource } from '../../../src/core/elm-app/source/app-source.js'
import { batchOf, inputsOf } from '../../../src/core/restore/replay-run.js'
import { isSameState } from '../../../src/core/restore/same-state.js'
import { openProcessStore } from '../../../src/core/store/process-store.js'
import { fixtureStores, fixturesFolder, recordsOf } from '../../support/stores.js'
import { temporaryFolder } from '../../support/temporary.js'
import { cacheFolder, elmHome } from '../../support/test-folder.js'
import { thinned } from '../../support/thinned.js'
import { appOfScript } from './script-app.js'

const folder = temporaryFolder({ after })

async function scriptOfApp(name: string): Promise<string> {
    const source = await readAppSource(join(fixturesFolder, 'apps', name), undefined)
    assert.ok(source.kind !== 'script')
    const { bytes } = await compiledScript(source, { elmHome, cacheDirectory: cacheFolder })
    return Buffer.from(bytes).toString('utf8')
}

/** What is changed: a number, a text, a sign, a test, a branch. */
const changes: readonly (readonly [RegExp, (found: string) => string])[] = [
    [/(?<![\w$.'-])\d+(?![\w$.'])/g, (found) => String(Number(found) + 1)],
    [/'[A-Za-z][^'\\\n]*'/g, (found) => `'${found.slice(1, -1)}x'`],
    [/''/g, () => "'x'"],
    [/ \+ /g, () => ' - '],
    [/ (?:===|==) /g, () => ' !== '],
    [/ \? /g, () => ' && false ? '],
    [/if \((?=\S)/g, () => 'if (!'],
]

/** One change at a time, each within what the app itself says, not within what the compiler adds. */
function mutantsOf(script: string): readonly string[] {
    const mutants: string[] = []
    for (const { index: begin, 0: own } of script.matchAll(
        /^var \$author\$project\$.*?(?=^var |^\S*_Platform_export)/gms,
    )) {
        if (own.includes('$main')) continue
        for (const [pattern, change] of changes) {
            for (const { index, 0: found } of own.matchAll(pattern)) {
                const at = begin + index
                mutants.push(script.slice(0, at) + change(found) + script.slice(at + found.length))
            }
        }
    }
    return mutants
}

interface Seen {
    readonly responses: readonly string[]
    readonly state: string
}

/** After each record what the app answered and its state, until it fails; the initial state first. */
async function history(
    app: LoadedElmApp,
    batches: readonly ReturnType<typeof batchOf>[],
): Promise<readonly Seen[]> {
    const instance = await app.start()
    const seen: Seen[] = [{ responses: [], state: await instance.serializeState() }]
    try {
        for (const batch of batches) {
            const { responses = [] } = await instance.apply({ ...batch, collectResponses: true })
            seen.push({ responses, state: await instance.serializeState() })
        }
    } catch (error) {
        if (!(error instanceof AppFailure)) throw error
    } finally {
        await instance.close()
    }
    return seen
}

/** How many responses differ in what they say as JSON, of those that both gave. */
function differentResponses(one: readonly Seen[], other: readonly Seen[]): number {
    const answers = other.flatMap(({ responses }) => responses)
    const before = one.flatMap(({ responses }) => responses).slice(0, answers.length)
    return before.filter((response, i) => !isSameState(response, answers[i] ?? '')).length
}

/** The first record of two histories that differs in what it says as JSON; -1 where none does. */
function firstDifferent(one: readonly Seen[], other: readonly Seen[]): number {
    return one.findIndex((seen, at) => {
        const next = other[at]
        if (next === undefined || !isSameState(seen.state, next.state)) return true
        return differentResponses([seen], [next]) > 0
    })
}

let changed = 0

for (const [storeName, app, entry] of [
    ['kalmit-2019-04', 'counter', 'Counter'],
    ['kalmit-2019-04-web', 'string-builder', 'StringBuilder'],
] as const) {
    test(`each mutant of ${app} is found at the record where it differs first`, async () => {
        const { path } = fixtureStores.find(({ name }) => name === storeName)!
        const script = await scriptOfApp(app)
        const before = await appOfScript(folder, entry, script)
        const store = await openProcessStore(path)
        const { longest } = await checkLog(store)
        const batches = (await recordsOf(longest)).map((record) => batchOf(inputsOf([record])))
        const expected = await history(before, batches)
        assert.equal(expected.length, longest.length + 1)
        for (const [index, mutant] of mutantsOf(script).entries()) {
            if ((index + 23) % thinned(24, 1) !== 0) continue
            const next = await appOfScript(folder, entry, mutant)
            const seen = await history(next, batches).catch(() => undefined)
            if (seen === undefined) continue
            const different = firstDifferent(expected, seen)
            const { first, totals } = await compare(store, { before, after: next })
            const total = totals.responses + totals.states + totals.failures
            if (different < 0) assert.deepEqual([first, total], [undefined, 0])
            else {
                changed += 1
                assert.equal(first?.record?.position ?? 0, different)
                assert.ok(total > 0)
                assert.equal(totals.responses, differentResponses(expected, seen))
                // It is found as well where it is the last record.
                const until = parseRef(`#${Math.max(1, different)}`)
                const ended = await compare(store, { before, after: next }, { until })
                assert.equal(ended.first?.record?.position ?? 0, different)
                const [stateBefore, state] = [expected[different]?.state ?? '', seen[different]?.state]
                assert.equal(
                    ended.totals.states,
                    state === undefined || isSameState(stateBefore, state) ? 0 : 1,
                )
            }
        }
    })
}

const changedMin = thinned(3, 30)
test(`at least ${changedMin} of the mutants answered otherwise, or had another state`, () => {
    assert.ok(changed >= changedMin, `${changed}`)
})
