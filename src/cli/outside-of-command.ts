// What goes wrong before there is a command, told in the same way as what goes wrong in one.
import { CLIError } from '@oclif/core/errors'

import { ComplogError } from '../core/errors.js'
import { printError } from './print-error.js'
import { describeError, printEnvelope, wantsJson } from './report-error.js'
import { styleFor } from './terminal.js'

/** Returns the exit code. */
export function reportOutsideOfCommand(error: unknown, argv: readonly string[]): number {
    const described = describeError(isCommandNotFound(error) ? unknownCommand(argv) : error)
    if (wantsJson(argv)) {
        printEnvelope('complog', { status: 'error', result: null, error: described.json, warnings: [] })
    } else {
        printError(described, styleFor(process.stderr, argv.includes('--no-color')))
    }
    return described.exitCode
}

/** How plugin-not-found ends, after it has warned or asked. */
function isCommandNotFound(error: unknown): boolean {
    return error instanceof CLIError && error.oclif.exit === 127
}

export function unknownCommand(argv: readonly string[]): ComplogError {
    const [name = ''] = argv
    return new ComplogError(
        'usage',
        name.startsWith('-') ? 'Which command?' : `There is no command "${name}".`,
    )
}
