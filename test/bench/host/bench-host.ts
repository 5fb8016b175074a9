// How many requests a host answers in a second, each answer behind its record on the disk, against the same host without
// a disk, the disk's own rate of syncs, and the same app with a bare file or with SQLite. In rounds, beside each other.
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import { median } from 'simple-statistics'

import { markdownTable } from '../table.js'
import { requestsPerSecond, type ServedApp, syncsPerSecond } from './rates.js'
import { sqlitePackage, type Way, ways } from './ways.js'

export interface HostBenchOptions {
    readonly quick: boolean
    readonly rounds?: string | undefined
    /** Where stores are made, on the disk to be measured. */
    readonly folder: string
}

/** Bytes of a record of such a request. */
const recordSizeBytes = 400

interface Target {
    readonly connections: number
    readonly against: Exclude<Way, 'complog'> | 'fdatasync, one by one'
    /** The least ratio that is good enough. */
    readonly atLeast?: number
}

const targets: readonly Target[] = [
    { connections: 1, against: 'persistence off' },
    { connections: 64, against: 'persistence off', atLeast: 0.6 },
    { connections: 1, against: 'fdatasync, one by one', atLeast: 0.9 },
    { connections: 64, against: 'fdatasync, one by one', atLeast: 8 },
    { connections: 1, against: 'bare append' },
    { connections: 64, against: 'bare append' },
    { connections: 1, against: 'sqlite', atLeast: 1.2 },
    { connections: 64, against: 'sqlite', atLeast: 1.2 },
]

async function hasSqlite(): Promise<boolean> {
    return import(sqlitePackage).then(
        () => true,
        () => false,
    )
}

type Rates = Map<string, number>

async function measureRound(served: ServedApp, wanted: readonly Way[], seconds: number): Promise<Rates> {
    const rates: Rates = new Map()
    for (const connections of [1, 64]) {
        for (const way of wanted)
            rates.set(`${way} ${connections}`, await requestsPerSecond(way, served, connections, seconds))
        rates.set(
            `fdatasync, one by one ${connections}`,
            syncsPerSecond(served.folder, recordSizeBytes, seconds),
        )
    }
    return rates
}

function rowOf({ connections, against, atLeast }: Target, all: readonly Rates[]): readonly string[] {
    const of = (name: string) => all.map((rates) => rates.get(`${name} ${connections}`) ?? NaN)
    const ratios = of('complog').map((rate, i) => rate / (of(against)[i] ?? NaN))
    const ratio = median(ratios)
    return [
        `${connections} connection${connections === 1 ? '' : 's'}`,
        median(of('complog')).toFixed(0),
        ratio.toFixed(2),
        `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`,
        `${against} (${median(of(against)).toFixed(0)})`,
        atLeast?.toString() ?? '',
        atLeast === undefined ? '' : ratio >= atLeast ? 'met' : 'missed',
    ]
}

/** Prints a table in Markdown. */
export async function benchHost({ quick, rounds, folder: parent }: HostBenchOptions): Promise<void> {
    const seconds = quick ? 2 : 5
    mkdirSync(parent, { recursive: true })
    const folder = mkdtempSync(join(parent, 'complog-bench-host-'))
    try {
        const elmHome = join(folder, 'elm-home')
        cpSync('fixtures/elm-home', elmHome, { recursive: true })
        const served = {
            app: 'fixtures/apps/string-builder',
            elmHome,
            env: { COMPLOG_CACHE_DIR: join(folder, 'cache') },
            folder,
        }
        const withSqlite = await hasSqlite()
        const wanted = ways.filter((way) => way !== 'sqlite' || withSqlite)
        const all: Rates[] = []
        for (let round = 0; round < Number(rounds ?? (quick ? 1 : 5)); round++)
            all.push(await measureRound(served, wanted, seconds))
        const rows = targets
            .filter(({ against }) => against !== 'sqlite' || withSqlite)
            .map((target) => rowOf(target, all))
        const head = ['complog host', 'requests/s', 'ratio', 'spread', 'of (a second)', 'at least', '']
        process.stdout.write(`${markdownTable(head, rows)}\n`)
        if (!withSqlite) process.stdout.write('Skipped: SQLite, because better-sqlite3 is not installed.\n')
    } finally {
        rmSync(folder, { recursive: true, force: true })
    }
}
