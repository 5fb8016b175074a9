// Records of migrations that were never written: put back where a hash proves them, byte for byte.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'

import fc from 'fast-check'

import type { ComplogError } from '../../../../src/core/errors.js'
import { anyText } from '../../../support/any-text.js'
import { crashAfter } from '../../../support/crash.js'
import { lastKalmitStoreNames, unpackLater } from '../../../support/later-stores.js'
import { additionEvent, hashOf, LogWriter, logFile, recordLine } from '../../../support/log-writer.js'
import { planAndRepair } from '../../../support/repaired.js'
import { openAndCheck } from '../../../support/stores.js'
import { readFiles, temporaryFolder, writeFiles } from '../../../support/temporary.js'
import { thinned } from '../../../support/thinned.js'

const stateOfHost = '{"sum":7,"words":["erste Notiz"],"edition":2}'

/** As its host left it. */
function migrated(folder: string): string {
    const name = lastKalmitStoreNames.find((each) => each === 'l2b-migrations') ?? ''
    return join(unpackLater(name, folder), 'elm-app-process-store')
}

test('the record that a host of April 2020 did not write is put back, and proven by its hash', async (t) => {
    const store = migrated(temporaryFolder(t))
    const before = await openAndCheck(store)
    assert.deepEqual(
        before.findings.list.map(({ id }) => id),
        ['never-written'],
    )
    assert.match(
        before.findings.list[0]?.help ?? '',
        /`complog repair --migrated-state FILE` puts its record back/,
    )
    const plan = await planAndRepair(store, { migratedStates: [`${stateOfHost}\n`] })
    assert.deepEqual(
        plan.putBack?.map(({ hash, line }) => [hash.slice(0, 8), line]),
        [['A29F02AA', 2]],
    )
    const after = await openAndCheck(store)
    assert.deepEqual([after.findings.list, after.longest.length, after.longest.head], [[], 9, plan.head])
    const again = await planAndRepair(store, { migratedStates: [stateOfHost] })
    assert.deepEqual(again.parts, [])
})

test('stopped after any step, the store is as it was or whole, and the same command ends the work', async (t) => {
    for (let steps = 0, isCut = true; isCut; steps++) {
        const store = migrated(temporaryFolder(t))
        isCut = await crashAfter(steps, () => planAndRepair(store, { migratedStates: [stateOfHost] }))
        const { findings } = await openAndCheck(store)
        assert.equal(findings.counts.error, 0, `${steps}`)
        await planAndRepair(store, { migratedStates: [stateOfHost] })
        assert.equal((await openAndCheck(store)).longest.length, 9)
    }
})

const text = fc.oneof(anyText(), fc.constantFrom('', '\n', 'a\u2028b', '"\\'))

test('whatever states migrations made, and wherever in a log, the log is the one that it would have been', async (t) => {
    const steps = fc.array(fc.oneof(fc.constant(undefined), text), { minLength: 1, maxLength: 6 })
    const torn = fc.constantFrom('', '{"ParentHashBase16":"A')
    await fc.assert(
        fc.asyncProperty(steps, torn, async (states, tail) => {
            const log = new LogWriter()
            const isWritten: boolean[] = []
            const add = (state: string | undefined) => {
                if (state === undefined) log.add({ events: [additionEvent(1)] })
                else log.add({ setState: state })
                isWritten.push(state === undefined)
            }
            for (const state of [undefined, ...states, undefined]) add(state)
            const written = log.lines.filter((_, i) => isWritten[i])
            const folder = temporaryFolder(t)
            const cut = Math.ceil(written.length / 2)
            const [first, second] = ['2020-04-20T12', '2020-04-20T13'].map(
                (hour) => `composition/2020-04-20/${hour}.composition.jsonl`,
            ) as [string, string]
            const files = {
                [first]: logFile(written.slice(0, cut)),
                [second]: Buffer.concat([logFile(written.slice(cut)), Buffer.from(tail)]),
            }
            writeFiles(folder, files)
            await planAndRepair(folder, { migratedStates: states.filter((state) => state !== undefined) })
            const now = readFiles(join(folder, 'composition'))
            const paths = Object.keys(now).sort()
            assert.equal(
                Buffer.concat(paths.map((path) => now[path]!)).toString(),
                logFile(log.lines).toString(),
            )
        }),
        { numRuns: thinned(10, 25) },
    )
})

test('what .NET escapes is written as .NET writes it', async (t) => {
    const log = new LogWriter()
    log.addAdditions(1)
    const line = recordLine({ parent: log.head, setState: 'a\u2028\u0085' })
        .replace('\u2028', '\\u2028')
        .replace('\u0085', '\\u0085')
    const file = 'composition/2020-04-20/2020-04-20T12.composition.jsonl'
    const last = recordLine({ parent: hashOf(line), events: [additionEvent(2)] })
    const folder = temporaryFolder(t)
    writeFiles(folder, { [file]: logFile([log.lines[0]!, last]) })
    await planAndRepair(folder, { migratedStates: ['a\u2028\u0085'] })
    assert.deepEqual(readFiles(folder)[file], logFile([log.lines[0]!, line, last]))
})

test('a state that nothing proves is refused, and so is a log with more wrong: nothing is touched', async (t) => {
    const other = await refused(migrated(temporaryFolder(t)), [`${stateOfHost} `])
    assert.match(other.message, /^No record that sets this state is missing/)
    const store = migrated(temporaryFolder(t))
    const name = 'composition/2020-04-20/2020-04-20T15.composition.jsonl'
    const content = readFiles(store)[name]!.toString()
    writeFiles(store, { [name]: content.replace('POST', 'PUT') })
    const more = await refused(store, [stateOfHost])
    assert.match(more.message, /^More is wrong with the log/)
})

async function refused(store: string, migratedStates: readonly string[]): Promise<ComplogError> {
    const before = readFiles(store)
    let thrown: unknown
    await assert.rejects(planAndRepair(store, { migratedStates }), (error: ComplogError) => {
        thrown = error
        return error.code === 'error-findings'
    })
    assert.deepEqual(readFiles(store), before)
    return thrown as ComplogError
}
