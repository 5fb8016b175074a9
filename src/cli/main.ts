// The long way, for what oclif must look up: help, the commands of plugins, and what is no command at all. Turns
// whatever oclif does not handle into complog's own errors and exit codes.
import { Config, Errors, type Interfaces, flush, run } from '@oclif/core'

import { reportOutsideOfCommand, unknownCommand } from './outside-of-command.js'
import { prepareOutput } from './output.js'

/** @param options file URL within the package whose commands to run, or how else oclif finds them */
export async function main(
    argv: readonly string[],
    options: NonNullable<Interfaces.LoadOptions>,
): Promise<void> {
    prepareOutput(argv)
    try {
        const config = await Config.load(options)
        if (isNoCommand(argv, config)) throw unknownCommand(argv, config.commandIDs)
        await run([...argv], config)
        await flush()
    } catch (error) {
        // --help and --version end this way.
        if (error instanceof Errors.ExitError && error.oclif.exit === 0) return
        process.exitCode = await reportOutsideOfCommand(error, argv)
    }
}

function isNoCommand(argv: readonly string[], config: Config): boolean {
    const [name] = argv
    if (name === undefined || ['--version', '-v'].includes(name)) return false
    if (argv.includes('--help') || argv.includes('-h')) return false
    return config.findCommand(name) === undefined && config.findTopic(name) === undefined
}
