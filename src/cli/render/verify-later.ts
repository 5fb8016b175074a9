import { genesisOfLater } from '../../core/later/records/log.js'
import type { VerifiedLaterStore } from '../json/later-results.js'
import { keyValues } from '../text/table.js'
import type { Style } from '../text/terminal.js'
import { countOf, formatBytes, formatCount, formatMilliseconds } from '../text/units.js'
import { reductionsText, withFindings } from './verify-chain.js'

/** What `verify-chain` says of a store of 2020-05 or later. */
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
