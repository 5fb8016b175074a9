import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { counterLog } from '../../support/log-writer.js'
import { dailyFile, fixturesFolder, makeStore, openAndCheck } from '../../support/stores.js'
import { temporaryFolder, writeFiles } from '../../support/temporary.js'

const folder = join(fixturesFolder, 'host-stores')

interface Answered {
    readonly why: string
    readonly asked: readonly (readonly [what: string, answer: string])[]
}

const answers = JSON.parse(readFileSync(join(folder, 'answers.json'), 'utf8')) as Record<string, Answered>

/** What the host did depends on the app, which the store does not show. */
const dependsOnApp = ['reduction-unreadable']
const refuses = /^(Refuses to start|Takes the value for null|Hosts since 2019-03-10 compare)/

async function hostTexts(name: string, moment = 'before') {
    const { findings } = await openAndCheck(join(folder, name, moment))
    return findings.list.map(({ id, message, host }) => ({ id, message, host }))
}

for (const name of readdirSync(folder)) {
    const answer = answers[name]?.asked.at(0)?.[1]
    if (answer === undefined || !existsSync(join(folder, name, 'before')) || dependsOnApp.includes(name))
        continue
    const isRefused = answer.startsWith('500')

    test(`${name}: a finding says that a host ${isRefused ? 'does not start' : 'starts'}, as the real one did`, async () => {
        const texts = await hostTexts(name)
        assert.equal(
            texts.some(({ host }) => refuses.test(host)),
            isRefused,
            JSON.stringify(texts, undefined, 2),
        )
    })
}

test('a log file of a later day is named as the reason why the host took no event', async () => {
    const [first] = await hostTexts('later-log-file')
    assert.equal(first?.id, 'later-log-file')
    assert.match(first.host, /^Starts, and until its clock has come that far answers every event with 500/)
})

test('of two branches, the one that the host started from is named', async () => {
    const hostOf = async (name: string, wanted: string) =>
        (await hostTexts(name)).find(({ id }) => id === wanted)?.host ?? ''
    assert.match(await hostOf('two-branches', 'fork'), /^Starts from this branch/)
    assert.match(await hostOf('two-branches', 'unlinked-record'), /^Takes it for the chain/)
    assert.match(await hostOf('branch-in-the-middle', 'fork'), /^Starts from the other branch/)
    assert.match(await hostOf('branch-in-the-middle', 'unlinked-record'), /^Silently ignores it/)
})

test('a record that a host could not write, since its clock had gone back, is named as a cause', async () => {
    const hole = (await hostTexts('clock', 'after')).find(({ id }) => id === 'never-written')
    assert.match(hole?.message ?? '', /while its clock stood before the newest log file, and took 1 request /)
})

test('what the host appended to a line without its end is no part of the record before', async () => {
    const [before] = await hostTexts('no-last-line-end')
    assert.match(before!.host, /appends the next one to the same line, and refuses to start/)
    assert.ok((await hostTexts('no-last-line-end', 'after')).some(({ host }) => refuses.test(host)))
})

test('where both values stand in a reduction, the one counts that the host took', async () => {
    const { findings } = await openAndCheck(join(folder, 'reduction-both-forms', 'before'))
    assert.deepEqual(
        findings.list.map(({ id }) => id),
        ['reduction-form'],
    )
})

test('a whole record with zeros behind it is the head of a host, half of one is not', async (t) => {
    const { lines } = counterLog(3)
    for (const [last, expected] of [
        [lines[2]!, /^Skips the zeros and takes the record/],
        [lines[2]!.slice(0, 80), /^Refuses to start/],
    ] as const) {
        const store = makeStore(temporaryFolder(t), lines.slice(0, 2))
        const log = `${lines[0]!}\n${lines[1]!}\n${last}${'\0'.repeat(8)}`
        writeFiles(store, { [`composition/${dailyFile}`]: log })
        const { findings } = await openAndCheck(store)
        assert.deepEqual(
            findings.list.map(({ id }) => id),
            ['torn-tail'],
        )
        assert.match(findings.list[0]!.host, expected)
    }
})

test('a host reads on behind a line that is too long here alone', async () => {
    const path = join(fixturesFolder, 'findings', 'oversized-line', 'process-store')
    const { findings } = await openAndCheck(path, {}, { lineSizeBytesMax: 300 })
    const host = findings.list.find(({ id }) => id === 'missing-parent')?.host
    assert.match(host!, /^Reads the long line before it as well/)
})
