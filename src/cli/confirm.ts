// Asks a person, where there is one. The question goes to stderr: stdout carries results only.
import { ComplogError } from '../core/errors.js'
import { isInteractive, type Style } from './text/terminal.js'

export function canAskOnTerminal(): boolean {
    return process.stdin.isTTY && isInteractive(process.stderr)
}

/**
 * False where the person says no.
 * @throws ComplogError `interrupted`
 */
export async function confirmOnTerminal(question: string, signal: AbortSignal | undefined): Promise<boolean> {
    const { default: confirm } = await import('@inquirer/confirm')
    const context = { output: process.stderr, ...(signal && { signal }) }
    try {
        return await confirm({ message: question, default: false }, context)
    } catch (error) {
        signal?.throwIfAborted()
        // Ctrl-C and Ctrl-D at the prompt reach the prompt, not the process.
        if (!(error instanceof Error && error.name === 'ExitPromptError')) throw error
        if (!error.message.endsWith('SIGINT')) return false
        throw new ComplogError('interrupted', 'Interrupted (SIGINT). Nothing was removed.')
    }
}

/** What a command asks a person. */
export interface Consent {
    /** What would be done, as text. */
    readonly plan: (style: Style) => string
    readonly question: string
    /** What nothing will have been, where they say no. */
    readonly undone: 'moved' | 'removed'
}

/** @param what was not done to anything */
export function notConfirmed(what: Consent['undone']): ComplogError {
    return new ComplogError('not-confirmed', `Not confirmed. Nothing was ${what}.`, {
        hint: 'Look at the plan with --dry-run, and confirm with --yes.',
    })
}
