// The long way, for what oclif must look up: help, the commands of plugins, and what is no command at all. Turns
// whatever oclif does not handle into complog's own errors and exit codes.
import { Config, Errors, type Interfaces, flush, run } from '@oclif/core'

import { reportOutsideOfCommand, unknownCommand } from './outside-of-command.js'
import { prepareOutput } from './output.js'
import { wantsJson } from './report-error.js'

/** @param options file URL within the package whose commands to run, or how else oclif finds them */
export async function main(
    argv: readonly string[],
    options: NonNullable<Interfaces.LoadOptions>,
): Promise<void> {
    prepareOutput(argv)
    try {
        if (!mayBeAsked(argv) && (await isNoCommand(argv, options))) throw unknownCommand(argv)
        await run([...argv], options)
        await flush()
    } catch (error) {
        // --help and --version end this way.
        if (error instanceof Errors.ExitError && error.oclif.exit === 0) return
        process.exitCode = reportOutsideOfCommand(error, argv)
    }
}

/** Whether plugin-not-found, which looks at stdin alone before it asks, asks only where a person sees it. */
function mayBeAsked(argv: readonly string[]): boolean {
    return !process.stdin.isTTY || (!wantsJson(argv) && process.stdout.isTTY)
}

async function isNoCommand(
    argv: readonly string[],
    options: NonNullable<Interfaces.LoadOptions>,
): Promise<boolean> {
    const [name] = argv
    if (name === undefined || name === '--version' || argv.includes('--help')) return false
    const config = await Config.load(options)
    return config.findCommand(name) === undefined && config.findTopic(name) === undefined
}
