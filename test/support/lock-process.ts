// Another process that writes to a store, or tries to. Runs as a process of its own:
// `lock-process.ts hold ROOT` takes the lock, says so, and keeps it until it is ended;
// `lock-process.ts contend ROOT ROUNDS` takes and releases it again and again, and tells of each time
// at which it was not alone.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { ComplogError } from '../../src/core/errors.js'
import { lockStore } from '../../src/core/store/durable/store-lock.js'
import { sourceFlags } from './build.js'

const thisFile = fileURLToPath(import.meta.url)

interface Owner {
    after(end: () => void): void
}

/** A process that has the lock once the promise is there; killed with its owner at the latest. */
export async function holdInOtherProcess(owner: Owner, root: string): Promise<ChildProcess> {
    const child = start(['hold', root])
    owner.after(() => void child.kill('SIGKILL'))
    await once(child.stdout!, 'data')
    return child
}

/** What a process that contends for the lock has to tell, as text; empty where all was well. */
export async function contendInOtherProcess(root: string, rounds: number): Promise<string> {
    const child = start(['contend', root, String(rounds)])
    let told = ''
    child.stdout!.setEncoding('utf8').on('data', (text: string) => (told += text))
    await once(child, 'close')
    return told
}

/** Takes the lock so many times; whoever has it must be the only one that knows a certain file. */
export async function contend(root: string, rounds: number, told: (text: string) => void): Promise<void> {
    const mark = join(root, 'mark')
    const me = `${process.pid} ${Math.random()}`
    for (let done = 0; done < rounds; ) {
        try {
            const lock = await lockStore(root, 'contend')
            try {
                writeFileSync(mark, me, { flag: 'wx' })
                await new Promise((resolve) => setImmediate(resolve))
                if (readFileSync(mark, 'utf8') !== me) told('somebody else wrote the mark')
                rmSync(mark)
            } finally {
                lock.release()
            }
            done++
        } catch (error) {
            if (!(error instanceof ComplogError) || error.code !== 'store-locked') told(String(error))
        }
    }
}

function start(args: readonly string[]): ChildProcess {
    return spawn(process.execPath, [...sourceFlags, thisFile, ...args], {
        stdio: ['pipe', 'pipe', 'inherit'],
    })
}

if (process.argv[1] === thisFile) {
    const [, , what, root = '', rounds] = process.argv
    if (what === 'hold') {
        await lockStore(root, 'hold')
        process.stdout.write('held\n')
        await once(process.stdin.resume(), 'end')
    } else {
        await contend(root, Number(rounds), (text) => void process.stdout.write(`${text}\n`))
    }
}
