// Everything that the long run injects, part by part.
import { sweepFullDisksUnder, sweepPowerCuts } from './append-disks.js'
import { sweepAppenderErrors, sweepAppenderKills } from './append-sweep.js'
import { appenderNamed, appenders } from './appenders.js'
import { sweepBitsOfLog, sweepBitsOfReductions } from './bits.js'
import { tryBounds, wholeScale } from './bounds.js'
import {
    sweepFileSizes,
    sweepFilesExhausted,
    sweepFullDisks,
    tryReadOnly,
    tryWithoutRights,
} from './disks.js'
import { sweepHostAtSteps, sweepHosts } from './live-host.js'
import { whyNoMounts, whyNoPowerLoss } from './mounts.js'
import { sweepPowerLoss } from './power-loss.js'
import { type Call, type Fault, whyNoStrace } from './strace.js'
import { subjectNamed, subjects, withoutApp } from './subjects.js'
import { isStep, sweepErrors, sweepKills, sweepKillsAtLock } from './sweep.js'
import type { Tally } from './tally.js'
import { sweepTornTails } from './torn-tails.js'
import { sweepTwoWriters } from './two-writers.js'
import { sweepUnreadable } from './unreadable.js'

export interface Part {
    readonly name: string
    /** Why it cannot be done here. */
    whyNot(): string | undefined
    readonly runs: readonly (() => Promise<Tally>)[]
}

const reduce = subjectNamed('reduce --every 3 --replace')
const truncate = subjectNamed('truncate')
const truncateToArchive = subjectNamed('truncate --archive')
const reorder = subjectNamed('reorder --in-place')
const append = appenderNamed('append, to a new store')
const host = appenderNamed('host')

/** From 0 up. */
function numbers(count: number): readonly number[] {
    return Array.from({ length: count }, (_, i) => i)
}

/**
 * Every step fails with EIO; and what takes up space, or makes a name, once more with one of the errors by which that may
 * be refused: all are handled alike, so another one each time is enough.
 */
function errorsOf(call: Call): readonly Fault['what'][] {
    const { name, nth, text } = call
    if (!isStep(call)) return []
    const makesName = /^(?:mkdir|rename)/.test(name) || text.includes('O_CREAT')
    const refusals = /^p?write/.test(name) ? ofSpace : makesName ? ofNames : []
    return ['EIO', ...refusals.slice(nth % refusals.length, (nth % refusals.length) + 1)]
}

const ofSpace = ['ENOSPC', 'EDQUOT'] as const
const ofNames = ['ENOSPC', 'EROFS', 'EACCES'] as const

/** To open a file or folder, and to close it. */
function errorsBesides(call: Call) {
    return isStep(call) ? [] : (['EIO'] as const)
}

const atSyncs = ({ name }: Call) => (/^f(?:data)?sync$/.test(name) ? (['EIO'] as const) : [])
const atWrites = ({ name }: Call) => (/^p?write/.test(name) ? (['ENOSPC'] as const) : [])
const always = () => undefined

export const parts: readonly Part[] = [
    {
        name: 'kills',
        whyNot: whyNoStrace,
        runs: [
            ...subjects.map((subject) => () => sweepKills(subject)),
            ...subjects.map((subject) => () => sweepKillsAtLock(subject)),
            () => sweepKills(truncate, { weakness: 'without-rename' }),
            () => sweepKills(truncateToArchive, { weakness: 'without-rename', every: 3 }),
        ],
    },
    {
        name: 'errors',
        whyNot: whyNoStrace,
        runs: [
            ...subjects.map((subject) => () => sweepErrors(subject, errorsOf)),
            ...subjects.map((subject) => () => sweepErrors(subject, errorsBesides, { every: 5 })),
            () => sweepErrors(truncate, atSyncs, { weakness: 'deaf-to-sync' }),
            () => sweepErrors(truncate, atWrites, { weakness: 'without-rename' }),
            () => sweepUnreadable(truncate),
        ],
    },
    {
        name: 'disks',
        whyNot: whyNoMounts,
        runs: [
            ...[reduce, truncateToArchive, reorder].map(
                (subject) => () => sweepFullDisks(subject, numbers(16)),
            ),
            ...[reduce, truncateToArchive, reorder].map(
                (subject) => () => sweepFilesExhausted(subject, numbers(8)),
            ),
            ...subjects.map((subject) => () => tryReadOnly(subject)),
            ...subjects.filter(withoutApp).map((subject) => () => tryWithoutRights(subject)),
            ...subjects.map((subject) => () => sweepFileSizes(subject, [0, 1])),
        ],
    },
    {
        name: 'power',
        whyNot: () => whyNoStrace() ?? whyNoPowerLoss(),
        runs: [
            ...subjects.map((subject) => () => sweepPowerLoss(subject, { every: 2 })),
            () => sweepPowerLoss(truncate, { every: 100, weakness: 'without-sync' }),
            () => sweepPowerLoss(reorder, { every: 100, weakness: 'without-sync' }),
        ],
    },
    {
        name: 'appends',
        whyNot: whyNoStrace,
        runs: [
            ...appenders.map((appender) => () => sweepAppenderKills(appender)),
            ...appenders.map((appender) => () => sweepAppenderErrors(appender, errorsOf)),
            ...appenders.map((appender) => () => sweepAppenderErrors(appender, errorsBesides, { every: 5 })),
            () => sweepAppenderErrors(append, atSyncs, { weakness: 'deaf-to-sync' }),
            () => sweepAppenderErrors(host, atSyncs, { weakness: 'deaf-to-sync', every: 3 }),
        ],
    },
    {
        name: 'appends-on-disks',
        whyNot: whyNoMounts,
        runs: appenders.map((appender) => () => sweepFullDisksUnder(appender, numbers(16))),
    },
    {
        name: 'appends-without-power',
        whyNot: whyNoPowerLoss,
        runs: [
            () => sweepPowerCuts(append, 50),
            () => sweepPowerCuts(host, 50),
            () => sweepPowerCuts(appenderNamed('host, that truncates'), 50),
            () => sweepPowerCuts(append, 2, 'without-sync'),
            () => sweepPowerCuts(host, 2, 'without-sync'),
        ],
    },
    {
        name: 'hosts',
        whyNot: always,
        runs: [
            () => sweepHosts(truncate, 100),
            () => sweepHosts(reorder, 100),
            () => sweepHostAtSteps(truncate),
            () => sweepHostAtSteps(truncateToArchive),
            () => sweepHostAtSteps(reorder),
            () => sweepHostAtSteps(truncate, { weakness: 'blind-to-growth' }),
        ],
    },
    {
        name: 'writers',
        whyNot: always,
        runs: [
            () => sweepTwoWriters(truncateToArchive, 100),
            () => sweepTwoWriters(reorder, 50),
            () => sweepTwoWriters(reduce, 50),
            () => sweepTwoWriters(truncateToArchive, 20, 'without-lock'),
        ],
    },
    {
        name: 'damage',
        whyNot: always,
        runs: [
            () => sweepBitsOfLog(1),
            () => sweepBitsOfReductions(1),
            () => sweepTornTails(truncate, 1),
            () => sweepBitsOfLog(7, false),
        ],
    },
    { name: 'bounds', whyNot: always, runs: [() => tryBounds(wholeScale)] },
]
