// The short form of what `npm run test:faults` does with the commands that append: what they have answered is in the log,
// and once something failed they answer no more.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { thinned } from '../support/thinned.js'
import { sweepFullDisksUnder, sweepPowerCuts } from './append-disks.js'
import { sweepAppenderErrors, sweepAppenderKills } from './append-sweep.js'
import { appenderNamed, appenders } from './appenders.js'
import { whyNoMounts, whyNoPowerLoss } from './mounts.js'
import { type Call, whyNoStrace } from './strace.js'
import { isStep } from './sweep.js'
import type { Tally } from './tally.js'

const traced = { skip: whyNoStrace() ?? false }
const mounted = { skip: whyNoMounts() ?? false }
const powered = { skip: whyNoPowerLoss() ?? false }

const atSteps = (call: Call) => (isStep(call) ? (['EIO'] as const) : [])
const atSyncs = ({ name }: Call) => (name === 'fdatasync' ? (['EIO'] as const) : [])

function assertNothingLost(tally: Tally): void {
    assert.ok(tally.injected > 0)
    assert.equal(tally.describeLost(), '')
}

const withErrors = appenders.filter((_, index) => index % thinned(2, 1) === 0)
/** In a run of all tests each has one or the other. */
const withKills = thinned(
    appenders.filter((appender) => !withErrors.includes(appender)),
    appenders,
)

for (const appender of withKills)
    test(`a kill at any system call loses nothing that was answered: ${appender.name}`, traced, async () =>
        assertNothingLost(await sweepAppenderKills(appender, { every: 97 })),
    )

for (const appender of withErrors)
    test(`a disk that fails ends all answers, and the command with 16: ${appender.name}`, traced, async () =>
        assertNothingLost(await sweepAppenderErrors(appender, atSteps, { every: 97 })),
    )

test('that the log cannot be closed says nothing of what is in it', traced, async () => {
    const closes = ({ name, text }: Call) =>
        name === 'close' && text.includes('.composition.jsonl') ? (['EIO'] as const) : []
    assertNothingLost(await sweepAppenderErrors(appenderNamed('append, to a new store'), closes))
})

test('a full disk ends all answers, and the command with 16', mounted, async () => {
    assertNothingLost(
        await sweepFullDisksUnder(appenderNamed('append, behind a torn tail'), thinned([9], [0, 9])),
    )
    assertNothingLost(await sweepFullDisksUnder(appenderNamed('host'), [6]))
})

test('a power cut under load loses nothing that was answered', powered, async () => {
    for (const name of thinned(['host'], ['append, to a new store', 'host']))
        assertNothingLost(await sweepPowerCuts(appenderNamed(name), thinned(1, 2)))
})

test('the sweep of errors notices a command that ignores a sync that fails', traced, async () => {
    const append = appenderNamed('append, to a new store')
    const tally = await sweepAppenderErrors(append, atSyncs, {
        weakness: 'deaf-to-sync',
        every: thinned(4, 2),
    })
    assert.ok(tally.isGood, `${tally.lost.length} of ${tally.injected}`)
})

test(
    'a command that does not sync loses what it has answered, so the power cut is real',
    powered,
    async () => {
        for (const name of thinned(['append, to a new store'], ['append, to a new store', 'host']))
            assert.ok((await sweepPowerCuts(appenderNamed(name), 1, 'without-sync')).isGood)
    },
)
