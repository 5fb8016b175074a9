// A disk that cannot be read: every file of a store in its turn, for the commands that only read.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'

import { binary } from '../support/build.js'
import { environment, withApp } from '../support/cli.js'
import { filePaths } from '../support/temporary.js'
import { endOf } from './held-command.js'
import { inParallel } from './parallel.js'
import { makeWork, type Subject } from './subjects.js'
import { inFolder } from './sweep.js'
import { Tally } from './tally.js'

/**
 * Lets each opening, or each reading, of a file answer with EIO: a disk that reads at the second attempt has lost
 * nothing, and the reference reader makes one.
 */
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
            const options = ['-f', '-qq', '-o', trace, '-P', path, '-e', `inject=${call}:error=EIO`]
            const child = spawn('strace', [...options, process.execPath, binary, ...args], {
                env: environment(),
                stdio: ['ignore', 'pipe', 'pipe'],
            })
            const { exitCode, stdout, stderr } = await endOf(child)
            // Not every command reads every file, nor by each of these calls.
            if (!readFileSync(trace, 'utf8').includes('(INJECTED)')) {
                tally.missed++
                return
            }
            // What verify-chain could not read is a finding among others, on stdout.
            const told = `${stdout}${stderr}`.replaceAll(/\s+/g, ' ')
            const isTold = told.includes('EIO') && told.includes(basename(path))
            // A reduction is no more than a help: an older one takes its place.
            const isHelp = exitCode === 0 && path.includes('/reduction/') && args[0] === 'replay'
            const isGood = isTold && (exitCode === 16 || isHelp)
            const problem = `ends with ${exitCode ?? ''}: ${told}`
            tally.add(`${call} of ${path} by ${args.join(' ')}`, isGood ? [] : [problem])
        })
    })
    return tally
}
