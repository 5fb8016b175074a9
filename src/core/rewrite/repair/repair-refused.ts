// Why a repair is refused: what was found, where, and which command helps.
import type { CheckedStore } from '../../check/check-store.js'
import type { Finding } from '../../composition/finding.js'
import { countOf } from '../../counts.js'
import { ComplogError } from '../../errors.js'

/** The error where a torn tail is not all that is wrong, or nothing of it. */
export async function unrepairable(
    { findings }: CheckedStore,
    planToQuarantine: () => Promise<{ readonly parts: readonly { readonly lines: readonly unknown[] }[] }>,
): Promise<ComplogError> {
    const first = findings.list.find(({ severity, id }) => severity === 'error' && id !== 'torn-tail')
    if (first === undefined) return stillWrong(findings.list[0] as Finding, findings.counts.error)
    const { error } = findings.counts
    const others = error > 1 ? ` (and ${error - 1} more)` : ''
    return new ComplogError(
        'error-findings',
        `Only a torn tail is cut without being asked to do more. ${first.id}${others}: ${first.message}`,
        { place: first.place, hint: await whatHelps(first, planToQuarantine) },
    )
}

/** The error where errors would be left all the same. */
export function stillWrong(worst: Finding, errors: number): ComplogError {
    const others = errors > 1 ? ` (and ${errors - 1} more)` : ''
    return new ComplogError(
        'error-findings',
        `No repair would leave a store without errors. ${worst.id}${others}: ${worst.message}`,
        { place: worst.place, hint: worst.help },
    )
}

async function whatHelps(
    first: Finding,
    planToQuarantine: () => Promise<{ readonly parts: readonly { readonly lines: readonly unknown[] }[] }>,
): Promise<string | undefined> {
    try {
        const { parts } = await planToQuarantine()
        const lines = parts.reduce((sum, part) => sum + part.lines.length, 0)
        return `\`complog repair --quarantine\` moves ${countOf(lines, 'line')} out of the log and keeps them; see them first with --dry-run.`
    } catch (error) {
        if (!(error instanceof ComplogError)) throw error
        if (error.code === 'two-heads' || error.code === 'broken-chain')
            return error.hint?.replaceAll('--head', '--quarantine --head')
        return error.code === 'error-findings' ? first.help : error.hint
    }
}
