// The two streams of the process: prepared before anything is written, and stdout written to its end.
import { writeSync } from 'node:fs'
import { Socket } from 'node:net'
import type { Writable } from 'node:stream'

import { fileSystemError } from '../core/file-system-error.js'
import { exitCodes } from './exit-codes.js'
import { describeError } from './report-error.js'
import { printable } from './text/printable.js'
import { styleFor } from './text/terminal.js'

/** Decides what happens where nobody reads what is written, and where there is no room for it. */
export function prepareOutput(argv: readonly string[]): void {
    completeWrites(process.stdout)
    completeWrites(process.stderr)
    // oclif listens too, and throws what is no EPIPE.
    process.stdout.removeAllListeners('error').on('error', (error: NodeJS.ErrnoException) => {
        void endWithoutResult(error)
    })
    // The result still matters where nobody reads what goes with it.
    process.stderr.on('error', () => undefined)
    // For what writes by itself: the plugins of oclif, the prompt and the spinner.
    if (argv.includes('--no-color')) process.env['NO_COLOR'] = '1'
}

/**
 * Writes a part of the result, and waits until all of it is written. Where that cannot be, the process ends
 * (see `prepareOutput`) and this never resolves, so that nobody goes on as if the result had been heard.
 */
export function writeResult(text: string): Promise<void> {
    return new Promise((resolve) => {
        process.stdout.write(text, (error) => {
            if (!error) resolve()
        })
    })
}

/**
 * As `writeResult`, of text that holds what strangers sent, such as a state or a response: byte for byte into
 * a pipe or a file, but made visible on a terminal, where it could set the title, clear the screen or type an
 * answer.
 */
export function writeForeignResult(text: string): Promise<void> {
    return writeResult(process.stdout.isTTY ? printable(text) : text)
}

/**
 * A file system that fills up, or a bound on the size of files, takes a part of what is written and says how
 * much, not that it was too much: that says the next attempt. Node makes one attempt at a file and takes any
 * for a success.
 */
function completeWrites(stream: Writable & { readonly fd: number }): void {
    // Of pipes and terminals, libuv writes the rest.
    if (stream instanceof Socket) return
    const { fd } = stream
    stream._write = (chunk: Buffer, _encoding, done) => {
        try {
            for (let at = 0; at < chunk.length; ) {
                const written = writeSync(fd, chunk, at)
                if (written === 0)
                    throw Object.assign(new Error('nothing was written'), { code: 'EIO', syscall: 'write' })
                at += written
            }
            done()
        } catch (error) {
            done(error as Error)
        }
    }
}

async function endWithoutResult(error: NodeJS.ErrnoException): Promise<never> {
    // A reader that has seen enough, such as `head`, is no error.
    if (error.code === 'EPIPE') process.exit(process.exitCode ?? exitCodes.ok)
    const described = describeError(fileSystemError(error, 'write to', 'stdout'))
    const { printError } = await import('./print-error.js')
    printError(described, styleFor(process.stderr, process.argv.includes('--no-color')))
    process.exit(described.exitCode)
}
