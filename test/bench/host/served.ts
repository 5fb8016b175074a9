// One server in a process of its own, for one way to keep what the app was told. Prints its address.
//   node --import tsx test/bench/host/served.ts WAY FOLDER APP ELM_HOME
import { fdatasyncSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'

import { pino } from 'pino'

import type { LoadedElmApp } from '../../../src/core/elm-app/elm-app.js'
import type { Call } from '../../../src/core/process/calls.js'
import type { LogAppender } from '../../../src/core/store/changes/log-appender.js'
import type { EventProcessor } from '../../../src/host/web-app.js'
import {
    AppFeeder,
    ChainEnd,
    createHttpServer,
    defaultLimits,
    GroupCommit,
    genesis,
    loadElmApp,
    PersistentProcess,
    takeBatch,
    WebApp,
} from './built.js'
import { sqlitePackage, type Way } from './ways.js'

const [way = '', folder = '', app = '', elmHome = ''] = process.argv.slice(2)

const processors: Readonly<Record<Way, (app: LoadedElmApp) => Promise<EventProcessor>>> = {
    complog: (loaded) => PersistentProcess.open(join(folder, 'store'), loaded),
    'persistence off': withoutDisk,
    sqlite: withSqlite,
    'bare append': withBareAppend,
}

/** The same host, but what should be written counts as written at once. */
async function withoutDisk(loaded: LoadedElmApp): Promise<EventProcessor> {
    const appender = { append: () => Promise.resolve({ write: 0, sync: 0 }) } as unknown as LogAppender
    const commits = new GroupCommit(appender, {
        now: () => new Date(),
        isIdle: () => false,
        onCommitted: () => undefined,
        onFailed: (error) => {
            throw error
        },
    })
    const feeder = new AppFeeder(await loaded.start(), {
        chain: new ChainEnd(genesis, defaultLimits.lineSizeBytesMax),
        commits,
        restoreAgain: () => loaded.start(),
        onRecords: () => undefined,
        onAppFailed: () => Promise.resolve(),
        onReductionWanted: () => undefined,
    })
    const waiting: Call[] = []
    let isFeeding = false
    const feedAll = async () => {
        isFeeding = true
        await Promise.resolve()
        while (waiting.length > 0) await feeder.feed(takeBatch(waiting))
        isFeeding = false
    }
    return {
        processEvents: (events) =>
            new Promise((resolve, reject) => {
                waiting.push({ events, resolve, reject })
                if (!isFeeding) void feedAll()
            }),
    }
}

/** What a person would pick instead: each event is a row of a database before it is answered. */
async function withSqlite(loaded: LoadedElmApp): Promise<EventProcessor> {
    // Not among the packages that complog installs: it needs a compiler, or another network than npm's.
    const { default: Database } = (await import(sqlitePackage)) as {
        default: new (path: string) => SqliteDatabase
    }
    const database = new Database(join(folder, 'events.sqlite'))
    database.pragma('journal_mode = WAL')
    database.pragma('synchronous = FULL')
    database.exec('CREATE TABLE event (id INTEGER PRIMARY KEY, text TEXT NOT NULL)')
    const insert = database.prepare('INSERT INTO event (text) VALUES (?)')
    return keeping(loaded, (event) => void insert.run(event))
}

/** Nothing but the disk's part of it: each event is a line that is appended and synced before it is answered. */
async function withBareAppend(loaded: LoadedElmApp): Promise<EventProcessor> {
    const file = openSync(join(folder, 'events'), 'a')
    return keeping(loaded, (event) => {
        writeSync(file, `${event}\n`)
        fdatasyncSync(file)
    })
}

/** What the app answers, once each event is kept. */
async function keeping(loaded: LoadedElmApp, keep: (event: string) => void): Promise<EventProcessor> {
    const instance = await loaded.start()
    return {
        async processEvents(events) {
            const { responses = [] } = await instance.apply({
                inputs: events,
                kinds: new Uint8Array(events.length),
                collectResponses: true,
            })
            for (const event of events) keep(event)
            return responses
        },
    }
}

interface SqliteDatabase {
    pragma(text: string): unknown
    exec(text: string): unknown
    prepare(text: string): { run(...values: readonly unknown[]): unknown }
}

const loaded = await loadElmApp({ path: app, elmHome })
const processor = await processors[way as Way](loaded)
const web = new WebApp(processor, { requestsMax: 10_000, answerTimeMillisecondsMax: 60_000 })
const never = () => Promise.reject(new Error('nobody asks for it'))
const server = await createHttpServer(web, {
    logger: pino({ level: 'silent' }),
    bodySizeBytesMax: 1 << 20,
    connectionsMax: 10_000,
    requestTimeMillisecondsMax: 60_000,
    answerTimeMillisecondsMax: 60_000,
    // Without a password its state is out of reach.
    adminPaths: { process: { serializeState: never, setState: never }, password: undefined },
})
process.stdout.write(`${await server.listen({ host: '127.0.0.1', port: 0 })}\n`)
