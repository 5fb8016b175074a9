// Every error, told the same way in text and in JSON: what is wrong, where, and what to do next.
import { stripVTControlCharacters } from 'node:util'

import { CLIError } from '@oclif/core/errors'
import type { z } from 'zod'

import { ComplogError } from '../core/errors.js'
import { exitCodeOf, exitCodes } from './exit-codes.js'
import { argumentsForComplog } from './flags/arguments.js'
import type { error as errorSchema, Warning } from './json/common.js'
import { type CommandName, schemaOf } from './json/versions.js'

export interface ReportedError {
    readonly exitCode: number
    readonly json: z.infer<typeof errorSchema>
}

/**
 * Brings an error of any origin into one form.
 * @param command the command that was run, where there was one
 */
export function describeError(error: unknown, command?: CommandName): ReportedError {
    const seeHelp =
        command === undefined
            ? 'List the commands: complog help.'
            : `See the help: complog ${command} --help.`
    if (error instanceof ComplogError) {
        const { code, place, hint, output } = error
        // The core does not know what was asked of it: some errors only say what a store is.
        const asked =
            code === 'generation-not-read' && command !== undefined && error.message.endsWith(' write it.')
                ? ` \`complog ${command}\` does not read it.`
                : ''
        const message = reworded(error.message) + asked
        const json = plain(code, message, hint ?? (code === 'usage' ? seeHelp : null))
        return { exitCode: exitCodeOf(code), json: { ...json, place: place ?? null, output: output ?? null } }
    }
    // oclif's own errors are about the command line: a flag that is not there, a value that is wrong.
    if (error instanceof CLIError) {
        return { exitCode: exitCodeOf('usage'), json: plain('usage', reworded(error.message), seeHelp) }
    }
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return {
        exitCode: exitCodes.bug,
        json: {
            ...plain(
                'bug',
                'complog failed in a way that it should not: this is a bug in complog.',
                'Please report it with the lines above.',
            ),
            output: stack,
        },
    }
}

/** What `--json` prints. */
export function envelopeText(
    command: CommandName,
    envelope: {
        status: 'ok' | 'no' | 'error'
        result: unknown
        error?: ReportedError['json']
        warnings: readonly Warning[]
    },
): string {
    const { status, result, error, warnings } = envelope
    const json = { schema: schemaOf(command), status, result, ...(error && { error }), warnings }
    return `${JSON.stringify(json, null, 2)}\n`
}

export function wantsJson(argv: readonly string[]): boolean {
    return argumentsForComplog(argv).includes('--json')
}

function plain(code: string, message: string, hint: string | null): ReportedError['json'] {
    return { code, message, place: null, hint, output: null }
}

/**
 * oclif words what is wrong with a command line as a list, under a heading and above a line about the help,
 * and adds a note on flags that take several values, whether or not there is one on the command line.
 */
function reworded(message: string): string {
    return stripVTControlCharacters(message)
        .replace(/\nSee more help with --help\s*$/, '')
        .replace(/\s*\n\s*Note: --[^]*$/, '')
        .replace(
            /^Missing 1 required arg:\s+(\S+)\s+(.*)$/s,
            (_, name: string, what: string) =>
                `${name.toUpperCase()} is missing: ${what.replaceAll(/\s+/g, ' ')}.`,
        )
        .replace(/^Nonexistent flags?: (.*)$/, 'There is no flag $1.')
        .replace(/^Parsing (--\S+)\s+/, '$1: ')
        .replace(/^The following errors? occurred:\s+/, '')
        .replaceAll(/^\s*(--[\w-]+)=.* (cannot also be provided when using --[\w-]+)$/gm, '$1 $2.')
}
