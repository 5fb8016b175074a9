// The short form of what `npm run test:faults` does with disks: real file systems that are full, read-only, or lose power.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { thinned } from '../support/thinned.js'
import {
    sweepFileSizes,
    sweepFilesExhausted,
    sweepFullDisks,
    tryReadOnly,
    tryWithoutRights,
} from './disks.js'
import { whyNoMounts, whyNoPowerLoss } from './mounts.js'
import { sweepPowerLoss } from './power-loss.js'
import { whyNoStrace } from './strace.js'
import { subjectNamed } from './subjects.js'
import type { Tally } from './tally.js'

const mounts = { skip: whyNoMounts() ?? false }
const power = { skip: whyNoPowerLoss() ?? whyNoStrace() ?? false }

function assertNothingLost(...tallies: readonly Tally[]): void {
    for (const tally of tallies) {
        assert.ok(tally.injected > 0)
        assert.equal(tally.describeLost(), '')
    }
}

test('a full disk ends the command with 16 and ENOSPC, the store untouched and usable', mounts, async () => {
    assertNothingLost(
        await sweepFullDisks(subjectNamed('truncate --archive'), thinned([5], [0, 5])),
        await sweepFullDisks(subjectNamed('reorder --in-place'), [3]),
        await sweepFilesExhausted(subjectNamed('reduce --every 3 --replace'), [2]),
    )
})

test('a read-only file system ends the command with 16 and EROFS', mounts, async () =>
    assertNothingLost(await tryReadOnly(subjectNamed('truncate'))),
)

test('a store without the right to write ends the command with 16 and EACCES', mounts, async () =>
    assertNothingLost(await tryWithoutRights(subjectNamed('reorder --in-place'))),
)

test(
    'a file that may not grow ends the command with 16 and EFBIG',
    { skip: process.platform === 'win32' },
    async () => assertNothingLost(await sweepFileSizes(subjectNamed('reorder --in-place'), [1])),
)

test('what is reported as done is still done after a power loss', power, async () =>
    assertNothingLost(await sweepPowerLoss(subjectNamed('truncate --archive'), { every: 1000 })),
)

test(
    'a command that does not sync loses what it has reported, so the power loss is real',
    power,
    async () => {
        const tally = await sweepPowerLoss(subjectNamed('truncate'), {
            every: 1000,
            weakness: 'without-sync',
        })
        assert.ok(tally.isGood, `${tally.lost.length} of ${tally.injected}`)
    },
)
