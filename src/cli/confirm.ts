// Asks a person, where there is one. The question goes to stderr: stdout carries results only.
import { ComplogError } from '../core/errors.js'
import { type Style, isInteractive, styleFor } from './terminal.js'

/**
 * False where the person says no, and where nobody can be asked.
 * @throws ComplogError `interrupted`
 */
export async function confirmOnTerminal(
    plan: (style: Style) => string,
    question: string,
    options: {
        readonly signal?: AbortSignal | undefined
        readonly canAsk: boolean
        readonly noColor: boolean
    },
): Promise<boolean> {
    if (!options.canAsk) return false
    process.stderr.write(`${plan(styleFor(process.stderr, options.noColor))}\n`)
    if (!process.stdin.isTTY || !isInteractive(process.stderr)) return false
    const { default: confirm } = await import('@inquirer/confirm')
    const context = { output: process.stderr, ...(options.signal && { signal: options.signal }) }
    try {
        return await confirm({ message: question, default: false }, context)
    } catch (error) {
        options.signal?.throwIfAborted()
        // Ctrl-C and Ctrl-D at the prompt reach the prompt, not the process.
        if (!(error instanceof Error && error.name === 'ExitPromptError')) throw error
        if (!error.message.endsWith('SIGINT')) return false
        throw new ComplogError('interrupted', 'Interrupted (SIGINT). Nothing was removed.')
    }
}
