import { genesis } from '../../core/composition/hash.js'
import { genesisOfLater } from '../../core/later/records/log.js'
import type { VerifiedLaterStore } from '../json/later-results.js'
import type { VerifiedChain } from '../json/results.js'
import { keyValues } from '../text/table.js'
import type { Style } from '../text/terminal.js'
import { countOf, formatBytes, formatCount, formatMilliseconds } from '../text/units.js'

export async function renderVerifyChain(result: VerifiedChain, style: Style): Promise<string> {
    const summary = keyValues(
        {
            records: recordsText(result),
            head: result.head ?? headsText(result),
            'begins at': result.oldestParent === genesis ? 'genesis' : result.oldestParent,
            generations: generationsText(result),
            lines: result.inOrder ? 'in chain order' : 'not in chain order',
            reductions: reductionsText(result.reductions),
            time: formatMilliseconds(result.milliseconds),
        },
        style,
    )
    return withFindings(summary, result, style)
}

type Verified = Pick<VerifiedChain, 'sound' | 'counts' | 'findings' | 'findingsOmitted'>

/** A summary, the answer, and what was found. */
async function withFindings(summary: string, result: Verified, style: Style): Promise<string> {
    const { findings, findingsOmitted } = result
    const parts = [summary, verdict(result, style)]
    if (findings.length > 0) {
        const { renderFindings } = await import('./findings.js')
        parts.push(renderFindings(findings, findingsOmitted, style))
    }
    return `${parts.join('\n\n')}\n`
}

function recordsText({ records, events, files, sizeBytes }: VerifiedChain): string {
    return `${countOf(records, 'record')}, ${countOf(events, 'event')}, in ${countOf(files, 'file')} (${formatBytes(sizeBytes)})`
}

function headsText({ heads, sizeBytes }: VerifiedChain): string {
    if (heads.length === 0) return sizeBytes > 0 ? 'none: no line is a record' : 'genesis: the log is empty'
    const shown = heads.slice(0, 8)
    const rest = heads.length - shown.length
    return [
        `none, but ${countOf(heads.length, 'candidate')}:`,
        ...shown,
        ...(rest > 0 ? [`and ${rest} more`] : []),
    ].join('\n')
}

function generationsText({ generations }: VerifiedChain): string {
    const used = Object.entries(generations).filter(([, count]) => count > 0)
    return used.map(([generation, count]) => `${generation} (${formatCount(count)})`).join(', ') || 'none'
}

/** How many there are of what use. */
function reductionsText({ files, usable, proven }: VerifiedChain['reductions']): string {
    const byReplay = proven === null ? '' : `, ${formatCount(proven)} proven by replay`
    return `${formatCount(files)}, ${formatCount(usable)} usable${byReplay}`
}

function verdict({ sound, counts }: Verified, { chalk }: Style): string {
    const found = (['error', 'warning', 'note'] as const)
        .filter((severity) => counts[severity] > 0)
        .map((severity) => countOf(counts[severity], severity))
    const list = found.length === 0 ? 'no findings' : found.join(', ')
    return sound ? `${chalk.green('Sound')}: ${list}.` : `${chalk.red('Not sound')}: ${list}.`
}

/** The same of a store of 2020-05 or later. */
export async function renderVerifyLater(result: VerifiedLaterStore, style: Style): Promise<string> {
    const { head, sizeBytes, oldestParent, records, files, reductions } = result
    const summary = keyValues(
        {
            store: generationText(result),
            records: `${countOf(records, 'record')} in ${countOf(files, 'file')} (${formatBytes(sizeBytes)})`,
            events: eventsText(result),
            head: head ?? 'none: there is no record',
            ...(records > 0 && { 'begins at': beginningText(oldestParent) }),
            values: valuesText(result),
            reductions: reductionsText(reductions),
            time: formatMilliseconds(result.milliseconds),
        },
        style,
    )
    return withFindings(summary, result, style)
}

function generationText({ generation, form }: VerifiedLaterStore): string {
    const isNewer = form !== null && !generation.startsWith(form)
    return `of generation ${generation}${isNewer ? `, with records as since ${form}` : ''}`
}

function eventsText(result: VerifiedLaterStore): string {
    const kinds = Object.entries(result.events).map(([kind, count]) => `${kind} (${formatCount(count)})`)
    const areVoid = result.void === 0 ? '' : `; ${countOf(result.void, 'record is', 'records are')} void`
    return `${kinds.join(', ') || 'none'}${areVoid}`
}

function valuesText({ values: { files, sizeBytes, orphans } }: VerifiedLaterStore): string {
    if (files === 0) return 'none'
    const named =
        orphans.files === 0
            ? 'all of them named'
            : `${formatCount(orphans.files)} named by nothing (${formatBytes(orphans.sizeBytes)})`
    return `${countOf(files, 'file')} (${formatBytes(sizeBytes)}), ${named}`
}

function beginningText(oldestParent: string | null): string {
    if (oldestParent === null) return 'its first record'
    return oldestParent === genesisOfLater ? 'genesis' : oldestParent
}
