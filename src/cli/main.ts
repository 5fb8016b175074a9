// The process: runs oclif, and turns whatever it does not handle into complog's own errors and exit codes.
import { Errors, type Interfaces, flush, run } from '@oclif/core'

import { fileSystemError } from '../core/store/file-system-error.js'
import { exitCodes } from './exit-codes.js'
import { describeError, printError, reportOutsideOfCommand } from './report-error.js'
import { styleFor } from './terminal.js'

/** @param options file URL within the package whose commands to run, or how else oclif finds them */
export async function main(
    argv: readonly string[],
    options: NonNullable<Interfaces.LoadOptions>,
): Promise<void> {
    // oclif listens too, and throws what is no EPIPE.
    process.stdout.removeAllListeners('error').on('error', endWithoutResult)
    // The result still matters where nobody reads what goes with it.
    process.stderr.on('error', () => undefined)
    // For what writes by itself: the plugins of oclif, the prompt and the spinner.
    if (argv.includes('--no-color')) process.env['NO_COLOR'] = '1'
    try {
        await run([...argv], options)
        await flush()
    } catch (error) {
        // --help and --version end this way.
        if (error instanceof Errors.ExitError && error.oclif.exit === 0) return
        process.exitCode = reportOutsideOfCommand(error, argv)
    }
}

function endWithoutResult(error: NodeJS.ErrnoException): never {
    // A reader that has seen enough, such as `head`, is no error.
    if (error.code === 'EPIPE') process.exit(process.exitCode ?? exitCodes.ok)
    const described = describeError(fileSystemError(error, 'write to', 'stdout'))
    printError(described, styleFor(process.stderr, process.argv.includes('--no-color')))
    process.exit(described.exitCode)
}
