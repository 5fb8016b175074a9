// Where the process starts: takes the short way to a command. oclif finds commands and plugins by reading
// folders and package files, which takes several times as long as checking a small store. Nothing of that is
// needed where the first word names a command of ours, and no help is asked for.
import { writeSync } from 'node:fs'

import { argumentsForComplog } from './cli/flags/arguments.js'
import { versionText } from './cli/version.js'

export const commandNames = [
    'append',
    'bisect',
    'compare',
    'convert',
    'files',
    'host',
    'profile',
    'reduce',
    'reorder',
    'repair',
    'replay',
    'search',
    'show',
    'truncate',
    'verify-chain',
] as const

/** The file of a command in commands/, which holds all that it needs. */
export type LoadCommand = (name: (typeof commandNames)[number]) => CommandFile | Promise<CommandFile>

interface CommandFile {
    readonly default: { run(argv: readonly string[]): Promise<void> }
}

/**
 * Runs a command line to its end. False, and nothing done, for what only oclif knows how to run.
 * @param packageFile package.json of complog
 */
export async function start(argv: readonly string[], packageFile: URL, load: LoadCommand): Promise<boolean> {
    const [first = '', ...rest] = argv
    if (first === '--version' || first === '-v') return writeVersion(packageFile)
    const name = commandNames.find((known) => known === first)
    if (name === undefined || asksForHelp(rest)) return false
    const { default: Command } = await load(name)
    await Command.run(rest)
    return true
}

/** As oclif decides it. */
function asksForHelp(argv: readonly string[]): boolean {
    return argumentsForComplog(argv).some((word) => word === '--help' || word === '-h')
}

/** False where it could not be written: then the long way tries, and says why not. */
function writeVersion(packageFile: URL): boolean {
    const text = versionText(packageFile)
    if (text === undefined) return false
    const line = Buffer.from(`${text}\n`)
    try {
        return writeSync(process.stdout.fd, line) === line.length
    } catch {
        return false
    }
}
