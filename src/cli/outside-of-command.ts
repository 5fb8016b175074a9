// What goes wrong before there is a command, told in the same way as what goes wrong in one.
import { ComplogError } from '../core/errors.js'
import { suggestion } from './flags/misspelt.js'
import { writeForeignResult } from './output.js'
import { printError } from './print-error.js'
import { describeError, envelopeText, wantsJson } from './report-error.js'
import { styleFor } from './text/terminal.js'

/** Returns the exit code. */
export async function reportOutsideOfCommand(error: unknown, argv: readonly string[]): Promise<number> {
    const described = describeError(error)
    if (wantsJson(argv)) {
        const envelope = { status: 'error', result: null, error: described.json, warnings: [] } as const
        await writeForeignResult(envelopeText('complog', envelope))
    } else {
        printError(described, styleFor(process.stderr, argv.includes('--no-color')))
    }
    return described.exitCode
}

/** Never asks whether another command was meant and runs it: some of them write. */
export function unknownCommand(argv: readonly string[], commands: readonly string[]): ComplogError {
    const [name = ''] = argv
    if (name.startsWith('-')) {
        const hint = 'Flags stand behind the command. List the commands: complog help.'
        return new ComplogError('usage', 'Which command?', { hint })
    }
    return new ComplogError('usage', `There is no command "${name}".${suggestion(name, commands)}`)
}
