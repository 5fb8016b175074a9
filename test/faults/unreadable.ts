// A disk that cannot be read: every file of a store in its turn, for the commands that only read.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { binary } from '../support/build.js'
import { environment, withApp } from '../support/cli.js'
import { filePaths } from '../support/temporary.js'
import { endOf } from './held-command.js'
import { inParallel } from './parallel.js'
import { type Subject, makeWork } from './subjects.js'
import { inFolder } from './sweep.js'
import { Tally } from './tally.js'

/** Lets the first opening and the first reading of each file answer with EIO. */
export async function sweepUnreadable(subject: Subject): Promise<Tally> {
    const tally = new Tally('a file that cannot be read')
    await inFolder(tmpdir(), async (folder) => {
        const work = makeWork(folder, subject)
        const store = join(work, 'store')
        const app = withApp()
        const commands = [
            ['verify-chain', store, ...app],
            ['replay', store, '--from-genesis', ...app],
            ['replay', store, '--from-end', ...app],
        ]
        const cases = commands.flatMap((args) =>
            filePaths(store).flatMap((file) =>
                ['openat', 'pread64', 'read'].map((call) => ({ args, call, path: join(store, file) })),
            ),
        )
        await inParallel(cases, 2, async ({ args, call, path }) => {
            const trace = join(folder, `trace-${cases.length}-${Math.random()}`)
            const options = ['-f', '-qq', '-o', trace, '-P', path, '-e', `inject=${call}:error=EIO:when=1`]
            const child = spawn('strace', [...options, process.execPath, binary, ...args], {
                env: environment(),
                stdio: ['ignore', 'pipe', 'pipe'],
            })
            const { exitCode, stderr } = await endOf(child)
            // Not every command reads every file, nor by each of these calls.
            if (!readFileSync(trace, 'utf8').includes('(INJECTED)')) {
                tally.missed++
                return
            }
            const isTold = exitCode === 16 && stderr.includes('EIO') && stderr.includes(path)
            const problem = `ends with ${exitCode ?? ''}: ${stderr}`
            tally.add(`${call} of ${path} by ${args.join(' ')}`, isTold ? [] : [problem])
        })
    })
    return tally
}
