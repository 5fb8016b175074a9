// The commands that append to a log and answer for it: how they are fed, and how an event is known again in the log.
import { spawnSync } from 'node:child_process'
import { appendFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'

import { webEvent } from '../../src/host/web-event.js'
import { binary } from '../support/build.js'
import { environment, withApp } from '../support/cli.js'
import { counterLog, LogWriter, reductionFile } from '../support/log-writer.js'
import { fixturesFolder, writeLog } from '../support/stores.js'
import { writeFiles } from '../support/temporary.js'
import type { HeldCommand } from './held-command.js'

/** An event whose answer was received. */
export interface Acknowledged {
    readonly number: number
    readonly answer: string
}

/** A command that appends. Its events are known by numbers, which the log then has in the order of the answers. */
export interface Appender {
    readonly name: string
    /** Writes what is there at first into the folder `store` of an empty folder. */
    make(folder: string): void
    args(folder: string): readonly string[]
    /** Numbers of the events that the store has at first. */
    readonly numbersBefore: readonly number[]
    /** Waits until events can be sent. Undefined where the command ended before. */
    connect(command: HeldCommand): Promise<Connection | undefined>
    numberOf(event: string): number
    /** What is answered to the last of these events. */
    answerTo(numbers: readonly number[]): string
    /** Numbers of the events that a state is made of. Absent where the command never cuts its log. */
    readonly numbersOfState?: (state: string) => readonly number[]
}

export interface Connection {
    /** Sends an event. Resolves with its answer; undefined where it will never have one. */
    send(number: number): Promise<string | undefined>
    /** Ends the command in peace. */
    end(): void
}

/** So large that a disk with room for a few pages is full after a few events. */
const padding = 'x'.repeat(400)

async function connectToAppend({ stdin, stdout }: HeldCommand): Promise<Connection> {
    const lines = createInterface({ input: stdout })
    const waiting: ((answer: string | undefined) => void)[] = []
    let isOver = false
    lines.on('line', (line) => waiting.shift()?.(answerIn(line)))
    lines.on('close', () => {
        isOver = true
        for (const tell of waiting.splice(0)) tell(undefined)
    })
    return Promise.resolve({
        send: (number) => {
            if (isOver) return Promise.resolve(undefined)
            const event = JSON.stringify({ addition: number, padding })
            stdin?.write(`${JSON.stringify(event)}\n`)
            return new Promise((resolve) => waiting.push(resolve))
        },
        end: () => stdin?.end(),
    })
}

/** Undefined where the command ended within the line. */
function answerIn(line: string): string | undefined {
    try {
        return JSON.parse(line) as string
    } catch {
        return undefined
    }
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0)

const append = {
    args: (folder: string) => ['append', join(folder, 'store'), ...withApp(), ...reductionFlags],
    connect: connectToAppend,
    numberOf: (event: string) => (JSON.parse(event) as { addition: number }).addition,
    answerTo: (numbers: readonly number[]) => String(sum(numbers)),
}

const recordsAReduction = 2
const everySecond = ['--reduction-records', String(recordsAReduction)]
const reductionFlags = [...everySecond, '--keep-reductions', '2']

const toNewStore: Appender = {
    ...append,
    name: 'append, to a new store',
    make: (folder) => mkdirSync(folder),
    numbersBefore: [],
}

const log = counterLog(6)

const behindTornTail: Appender = {
    ...append,
    name: 'append, behind a torn tail',
    make: (folder) => {
        const store = join(folder, 'store')
        writeLog(store, {
            '2019-04-28.composition.jsonl': log.lines.slice(0, 3),
            '2019-04-29.composition.jsonl': log.lines.slice(3),
        })
        appendFileSync(join(store, 'composition', '2019-04-29.composition.jsonl'), '{"ParentHashBase16":"')
        const hash = log.hashes[3] as string
        writeFiles(store, { [`reduction/${hash}`]: reductionFile(log.hashes[3] as never, '10') })
    },
    numbersBefore: [1, 2, 3, 4, 5, 6],
}

/** Each host has an address of its own, so that nothing sent to one that is dead can come to another. */
let hosts = 0

function nextAddress(): string {
    hosts += 1
    return `127.${1 + (process.pid % 200)}.${Math.floor(hosts / 250) % 250}.${1 + (hosts % 250)}`
}

async function connectToHost({ stderr, ended, pid }: HeldCommand): Promise<Connection | undefined> {
    const url = await new Promise<string | undefined>((resolve) => {
        let text = ''
        stderr.on('data', (more: string) => {
            text += more
            const found = /"url":"([^"]+)"/.exec(text)?.[1]
            if (found !== undefined) resolve(found)
        })
        void ended.then(() => resolve(undefined))
    })
    if (url === undefined) return undefined
    return {
        send: async (number) => {
            try {
                const response = await fetch(url, { method: 'POST', body: markOf(number) })
                const answer = await response.text()
                return response.status === 200 ? answer : undefined
            } catch {
                return undefined
            }
        },
        end: () => process.kill(pid, 'SIGTERM'),
    }
}

function markOf(number: number): string {
    return `<${number}>`
}

const hostArgs = (folder: string) => [
    ...['host', join(folder, 'store'), ...withApp('string-builder')],
    ...['--no-admin', '--listen', `${nextAddress()}:0`],
]

const host: Appender = {
    name: 'host',
    make: (folder) => mkdirSync(folder),
    args: (folder) => [...hostArgs(folder), ...reductionFlags],
    numbersBefore: [],
    connect: connectToHost,
    numberOf: (event) => Number(/<(\d+)>/.exec(event)?.[1]),
    answerTo: (numbers) => numbers.map(markOf).join(''),
}

/** How long a truncation is waited for; started again behind a fault, the host may have one due at another event. */
const truncationMillisecondsMax = 1000

/** Sends each event while no truncation is under way, so that the nth call of one is the same one in every run. */
async function connectToTruncatingHost(command: HeldCommand): Promise<Connection | undefined> {
    let log = ''
    command.stderr.on('data', (more: string) => (log += more))
    const connection = await connectToHost(command)
    if (connection === undefined) return undefined
    let answered = 0
    const settled = async () => {
        const end = performance.now() + truncationMillisecondsMax
        const done = () => log.match(/truncated the log|could not be (?:stored|truncated)/g)?.length ?? 0
        while (done() < Math.floor(answered / recordsAReduction) && performance.now() < end)
            await Promise.race([setTimeout(5), command.ended])
    }
    return {
        send: async (number) => {
            await settled()
            const answer = await connection.send(number)
            if (answer !== undefined) answered += 1
            return answer
        },
        end: () =>
            void settled()
                .then(() => connection.end())
                .catch(() => undefined),
    }
}

const webLog = new LogWriter()
for (let number = 1; number <= 6; number++) {
    const request = { method: 'POST', uri: 'http://localhost/', headers: [], body: markOf(number) }
    webLog.add({ events: [webEvent(request, `1554076800000-${number}`, 1554076800000)] })
}

const truncatingHost: Appender = {
    ...host,
    name: 'host, that truncates',
    make: (folder) => {
        const store = join(folder, 'store')
        // The first file goes whole, and the second one, which is appended to, is cut.
        writeLog(store, {
            '2019-04-28.composition.jsonl': webLog.lines.slice(0, 3),
            '2019-04-29.composition.jsonl': webLog.lines.slice(3),
        })
        const state = truncatingHost.answerTo(truncatingHost.numbersBefore)
        writeFiles(store, { [`reduction/${webLog.head}`]: reductionFile(webLog.head, state) })
    },
    args: (folder) => [...hostArgs(folder), ...everySecond, '--truncate-after-reduction'],
    numbersBefore: [1, 2, 3, 4, 5, 6],
    connect: connectToTruncatingHost,
    numbersOfState: (state) => [...state.matchAll(/<(\d+)>/g)].map(([, number]) => Number(number)),
}

// Compiled before anything is counted: from then on they come from the cache.
for (const [app, store] of [
    [withApp(), 'kalmit-2018-11'],
    [withApp('string-builder'), 'kalmit-2019-04-web'],
] as const) {
    const args = [binary, 'replay', join(fixturesFolder, 'stores', store, 'process-store'), ...app]
    const { status, stderr } = spawnSync(process.execPath, args, { env: environment(), encoding: 'utf8' })
    if (status !== 0) throw new Error(`The app cannot be compiled: ${stderr}`)
}

export const appenders: readonly Appender[] = [toNewStore, behindTornTail, host, truncatingHost]

export function appenderNamed(name: string): Appender {
    const found = appenders.find((appender) => appender.name === name)
    if (found === undefined) throw new Error(`There is no appender ${name}.`)
    return found
}
