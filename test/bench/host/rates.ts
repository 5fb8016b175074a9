// How many requests a server answers in a second, and how many syncs of a file the disk does.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import autocannon from 'autocannon'

import { plainEnvironment } from '../processes.js'
import type { Way } from './ways.js'

export interface ServedApp {
    readonly app: string
    readonly elmHome: string
    readonly env: NodeJS.ProcessEnv
    /** Where stores are made: the disk that is measured. */
    readonly folder: string
}

/** Answered requests a second, all of them with success. */
export async function requestsPerSecond(
    way: Way,
    { app, elmHome, env, folder }: ServedApp,
    connections: number,
    seconds: number,
): Promise<number> {
    const own = mkdtempSync(join(folder, 'served-'))
    const script = fileURLToPath(new URL('served.ts', import.meta.url))
    const server = spawn(process.execPath, ['--import', 'tsx', script, way, own, app, elmHome], {
        env: { ...plainEnvironment, ...env },
        stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
        const url = await firstLine(server)
        // Reads only: the app's whole state is in each answer, and it must stay small.
        const run = (duration: number) => autocannon({ url, connections, duration })
        await run(1)
        const { requests, errors, non2xx, duration } = await run(seconds)
        if (errors + non2xx > 0) throw new Error(`${errors} errors and ${non2xx} other answers (${way})`)
        return requests.total / duration
    } finally {
        server.kill('SIGKILL')
        rmSync(own, { recursive: true, force: true })
    }
}

/** Syncs a second of a file to which a record is appended before each. */
export function syncsPerSecond(folder: string, sizeBytes: number, seconds: number): number {
    const own = mkdtempSync(join(folder, 'synced-'))
    const file = openSync(join(own, 'file'), 'a')
    const record = Buffer.alloc(sizeBytes, 'x')
    const begin = performance.now()
    let syncs = 0
    try {
        while (performance.now() - begin < seconds * 1000) {
            writeSync(file, record)
            fdatasyncSync(file)
            syncs += 1
        }
        return syncs / ((performance.now() - begin) / 1000)
    } finally {
        closeSync(file)
        rmSync(own, { recursive: true, force: true })
    }
}

async function firstLine(child: ChildProcess): Promise<string> {
    const ended = once(child, 'exit').then(([code]) => {
        throw new Error(`The server ended with ${String(code)} before it listened.`)
    })
    const [data] = (await Promise.race([once(child.stdout as NodeJS.ReadableStream, 'data'), ended])) as [
        Buffer,
    ]
    ended.catch(() => undefined)
    return data.toString().trim()
}
