// The two streams of the process, before anything is written to them.
import { fileSystemError } from '../core/store/file-system-error.js'
import { exitCodes } from './exit-codes.js'
import { describeError } from './report-error.js'
import { styleFor } from './terminal.js'

/** Decides what happens where nobody reads what is written. */
export function prepareOutput(argv: readonly string[]): void {
    // oclif listens too, and throws what is no EPIPE.
    process.stdout.removeAllListeners('error').on('error', (error: NodeJS.ErrnoException) => {
        void endWithoutResult(error)
    })
    // The result still matters where nobody reads what goes with it.
    process.stderr.on('error', () => undefined)
    // For what writes by itself: the plugins of oclif, the prompt and the spinner.
    if (argv.includes('--no-color')) process.env['NO_COLOR'] = '1'
}

async function endWithoutResult(error: NodeJS.ErrnoException): Promise<never> {
    // A reader that has seen enough, such as `head`, is no error.
    if (error.code === 'EPIPE') process.exit(process.exitCode ?? exitCodes.ok)
    const described = describeError(fileSystemError(error, 'write to', 'stdout'))
    const { printError } = await import('./print-error.js')
    printError(described, styleFor(process.stderr, process.argv.includes('--no-color')))
    process.exit(described.exitCode)
}
