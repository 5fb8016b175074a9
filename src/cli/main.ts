// The long way, for what oclif must look up: help, the commands of plugins, and what is no command at all.
// Turns whatever oclif does not handle into complog's own errors and exit codes.
import { Config, Errors, flush, type Interfaces, run } from '@oclif/core'

import { ComplogError, isSystemError } from '../core/errors.js'
import { fileSystemError } from '../core/file-system-error.js'
import { suggestion } from './flags/misspelt.js'
import { prepareOutput, writeForeignResult } from './output.js'
import { printError } from './print-error.js'
import { describeError, envelopeText, wantsJson } from './report-error.js'
import { styleFor } from './text/terminal.js'

/** @param options file URL within the package whose commands to run, or how else oclif finds them */
export async function main(
    argv: readonly string[],
    options: NonNullable<Interfaces.LoadOptions>,
): Promise<void> {
    prepareOutput(argv)
    try {
        const config = await Config.load(options)
        if (isNoCommand(argv, config)) throw unknownCommand(argv, config.commandIDs)
        // The help and the plugins know no --no-color: see prepareOutput.
        await run(
            argv.filter((word) => word !== '--no-color'),
            config,
        )
        await flush()
    } catch (error) {
        // --help and --version end this way.
        if (error instanceof Errors.ExitError && error.oclif.exit === 0) return
        process.exitCode = await reportOutsideOfCommand(inTerms(error), argv)
    }
}

/** The long way writes the cache of the completions alone, by a plugin that explains nothing. */
function inTerms(error: unknown): unknown {
    if (!isSystemError(error) || typeof error.path !== 'string') return error
    return fileSystemError(error, 'make or write the cache at', error.path)
}

function isNoCommand(argv: readonly string[], config: Config): boolean {
    const [name] = argv
    if (name === undefined || ['--version', '-v'].includes(name)) return false
    if (argv.includes('--help') || argv.includes('-h')) return false
    return config.findCommand(name) === undefined && config.findTopic(name) === undefined
}

// What goes wrong before there is a command, told in the same way as what goes wrong in one.

/** Returns the exit code. */
async function reportOutsideOfCommand(error: unknown, argv: readonly string[]): Promise<number> {
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
function unknownCommand(argv: readonly string[], commands: readonly string[]): ComplogError {
    const [name = ''] = argv
    if (name.startsWith('-')) {
        const hint = 'Flags stand behind the command. List the commands: complog help.'
        return new ComplogError('usage', 'Which command?', { hint })
    }
    return new ComplogError('usage', `There is no command "${name}".${suggestion(name, commands)}`)
}
