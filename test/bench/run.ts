// How fast complog is, as ratios to something that runs in the same minute. Whole commands as processes, in rounds.
//   npm run bench                      5,000,000 and 300,000 records; takes ten minutes
//   npm run bench -- --quick           1,000,000 and 60,000 records; two to three minutes
//   npm run bench -- --growth          time and memory of logs of 1, 5 and 10 million records
//   npm run bench -- --only shuffled   what has this in its name, and nothing of a host
// Prints tables in Markdown. Logs are kept for the next time in COMPLOG_BENCH_DATA, by default a folder among the
// temporary files.
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

import { growth, growthHead } from './growth.js'
import { benchHost } from './host/bench-host.js'
import { machine } from './machine.js'
import { cachedLog, counterEvent, webEvent } from './make-log.js'
import { type MeasuredRow, measure, type Row } from './measure.js'
import { type Bench, historyRows, peerRows, rowsOfLog, type Subject, startRows } from './rows.js'
import { memoryHead, memoryRow, smallFileRows } from './small-files.js'
import { markdownTable } from './table.js'

const { values } = parseArgs({
    options: {
        quick: { type: 'boolean', default: false },
        growth: { type: 'boolean', default: false },
        rounds: { type: 'string' },
        only: { type: 'string', default: '' },
    },
})
const { quick, only } = values
const sizes = quick
    ? {
          counter: 1_000_000,
          web: 60_000,
          peers: 100_000,
          hourly: 2_000,
          minutes: 10_000,
          behindReduction: 500,
          rounds: 3,
          startRounds: 10,
      }
    : {
          counter: 5_000_000,
          web: 300_000,
          peers: 500_000,
          hourly: 20_000,
          minutes: 100_000,
          behindReduction: 1000,
          rounds: 5,
          startRounds: 30,
      }

const counter = (): Subject => ({
    log: cachedLog('counter', sizes.counter, counterEvent),
    shortLog: cachedLog('counter', sizes.counter / 100, counterEvent),
    behindReduction: sizes.behindReduction,
    app: 'fixtures/apps/counter',
    targets: {
        verify: 0.55,
        verifyOneThread: 0.95,
        replay: 1.35,
        replayShuffled: 2,
        verifyShuffled: 1.6,
        reorder: 2.6,
        fromEnd: 1.1,
    },
})

const web = (): Subject => ({
    log: cachedLog('web', sizes.web, webEvent),
    shortLog: cachedLog('web', sizes.web / 100, webEvent),
    behindReduction: sizes.behindReduction,
    app: 'fixtures/apps/string-builder',
    targets: {
        verify: 0.42,
        verifyOneThread: 0.55,
        replay: 1.12,
        replayShuffled: 1.3,
        verifyShuffled: 0.8,
        fromEnd: 1.1,
    },
})

function print(text: string): void {
    process.stdout.write(`${text}\n`)
}

function printTable(title: string, all: readonly Row[], rounds: number): void {
    const rows = all.filter(({ what }) => what.includes(only))
    if (rows.length === 0) return
    print(`\n${title}, median of ${rounds}\n`)
    const head = ['what', 'ms', 'ratio', 'spread', 'of', 'target', '', 'memory MB']
    print(markdownTable(head, measure(rows, rounds).map(cells)))
}

function cells({ row, ...measured }: MeasuredRow): readonly string[] {
    const { milliseconds, ratio, leastRatio, mostRatio, verdict, memoryMegabytes } = measured
    return [
        row.what,
        milliseconds.toFixed(0),
        ratio.toFixed(2),
        `${leastRatio.toFixed(2)} to ${mostRatio.toFixed(2)}`,
        `${row.yardstick.name} (${measured.yardstickMilliseconds.toFixed(0)} ms)`,
        row.target?.toString() ?? '',
        verdict ?? '',
        memoryMegabytes?.toFixed(0) ?? '',
    ]
}

function withoutTargetIfQuick(row: Row): Row {
    return quick ? { ...row, target: undefined } : row
}

function bench(on: Bench): void {
    const rounds = Number(values.rounds ?? sizes.rounds)
    if (quick)
        print(
            '\nThe targets of logs are for their full sizes: of smaller ones, the start takes a larger part.',
        )
    const shapes = [
        ['hourly', sizes.hourly],
        ['minutes', sizes.minutes],
        ['minutes since 2021', sizes.minutes],
    ] as const
    for (const [shape, files] of shapes) {
        const title = `${files.toLocaleString('en-US')} small files, ${shape}`
        printTable(title, smallFileRows(on, shape, files).map(withoutTargetIfQuick), rounds)
    }
    if ('memory a file'.includes(only)) {
        print('\nMemory a file, by one thread, the least of 3\n')
        const memory = shapes.map(([shape, files]) => memoryRow(on, shape, files))
        print(markdownTable(memoryHead, memory))
    }
    for (const [name, subject] of [['counter', counter] as const, ['web', web] as const]) {
        const { log, ...rest } = subject()
        const bytes = Math.round(log.sizeBytes / log.records)
        const title = `${log.records.toLocaleString('en-US')} ${name} records of ${bytes} B (${Math.round(log.sizeBytes / 1e6)} MB)`
        printTable(title, rowsOfLog(on, { log, ...rest }).map(withoutTargetIfQuick), rounds)
    }
    for (const [name, subject, wanted] of [
        ['counter', counter, '"addition":777}'] as const,
        ['web', web, '1556452842465'] as const,
    ]) {
        const { log: full, app } = subject()
        // A million is what a person looks through; jq takes its time for each.
        const log = full.records > 1_000_000 ? cachedLog(name, 1_000_000, counterEvent) : full
        const title = `History of ${log.records.toLocaleString('en-US')} ${name} records`
        const { rows, skipped } = historyRows(on, { log, app, wanted })
        printTable(title, rows.map(withoutTargetIfQuick), rounds)
        for (const line of skipped) print(`Skipped: ${line}`)
    }
    printTable('Start', startRows(on), Number(values.rounds ?? sizes.startRounds))
    const peers = peerRows(on, sizes.peers)
    printTable('Others', peers.rows, rounds)
    for (const line of peers.skipped) print(`Skipped: ${line}`)
}

const folder = mkdtempSync(join(tmpdir(), 'complog-bench-'))
try {
    const elmHome = join(folder, 'elm-home')
    cpSync('fixtures/elm-home', elmHome, { recursive: true })
    const on: Bench = { folder, elmHome, env: { COMPLOG_CACHE_DIR: join(folder, 'cache') } }
    print(machine())
    if (values.growth) print(`\n${markdownTable(growthHead, [...growth(on, only)])}`)
    else {
        bench(on)
        if (only === '') {
            print('\nA host, and the disk of the working directory\n')
            await benchHost({ ...values, folder: '.' })
        }
    }
} finally {
    rmSync(folder, { recursive: true, force: true })
}
