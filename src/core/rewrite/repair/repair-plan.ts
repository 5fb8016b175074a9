// What a repair would do to a store of whatever generation.
import type { Finding } from '../../composition/finding.js'
import type { Findings } from '../../composition/findings.js'
import { type CompositionHash, shortHash, type ValueHash } from '../../composition/hash.js'
import type { Ref } from '../../composition/ref.js'
import { countOf } from '../../counts.js'
import { ComplogError, type Place } from '../../errors.js'
import type { WorkOptions } from '../../progress.js'
import type { StoreFile } from '../../store/listing/list-files.js'
import type { StoreToChange } from '../outside-store.js'
import type { PutBack } from './migrations.js'
import type { RemovedPart } from './removed-lines.js'

/** How far a repair may go. */
export interface RepairOptions extends WorkOptions {
    /** Move lines out that are no part of the chain, too: not only a torn tail. */
    readonly quarantine?: boolean | undefined
    /** With `quarantine`: the record that counts as the head, where the log leaves a choice. */
    readonly head?: Ref | undefined
    /**
     * States that migrations of April 2020 made: the records that set them were never written, and are put
     * back where the record behind proves them.
     */
    readonly migratedStates?: readonly string[] | undefined
}

/** What the file that names the newest record will hold. */
export interface HeadToWrite {
    readonly hash: ValueHash
    /** As it is now; undefined where there is none. */
    readonly file: StoreFile | undefined
}

/** What a repair would take out of a log, and put into it. */
export interface RepairPlan {
    readonly store: StoreToChange
    /** The head that the log will have; genesis where it will be empty. */
    readonly head: CompositionHash | ValueHash
    /** Number of records that the log will have. */
    readonly records: number
    /** What becomes of each log file that changes, in the order of the files. */
    readonly parts: readonly RemovedPart[]
    /** Files that go as a whole, and are no log files: reductions of records that leave the log, for one. */
    readonly movedFiles: readonly StoreFile[]
    /** The head file of a store of 2020-05 to 2021-07, where it is written anew. */
    readonly headFile?: HeadToWrite | undefined
    /** Records that were never written, and are put into the log. */
    readonly putBack?: readonly PutBack[]
    /** What stays as it is, since no repair is needed for it: warnings and notes. */
    readonly remaining: readonly Finding[]
    /** The worst that would be wrong with the store once each log file is what it is given as, or gone. */
    readonly worstAfter: (
        fileAfter: (file: StoreFile) => StoreFile | undefined,
        options: WorkOptions,
    ) => Promise<{ readonly place?: Place | undefined } | undefined>
}

export type RepairChanges = Pick<RepairPlan, 'parts' | 'movedFiles' | 'headFile'>

export function isNothingToRepair({ parts, movedFiles, headFile }: RepairChanges): boolean {
    return parts.length === 0 && movedFiles.length === 0 && headFile === undefined
}

// Why a repair is refused: what was found, where, and which command helps.

/** The error where more is wrong than what is put right without being asked for. */
export async function unrepairable(
    findings: Findings,
    planToQuarantine: () => Promise<RepairChanges>,
): Promise<ComplogError> {
    const first = findings.list.find(({ severity, id }) => severity === 'error' && id !== 'torn-tail')
    if (first === undefined) return stillWrong(findings)
    const { error } = findings.counts
    const others = error > 1 ? ` (and ${error - 1} more)` : ''
    return new ComplogError(
        'error-findings',
        `Without being asked to do more, repair would not leave a store without errors. ${first.id}${others}: ${first.message}`,
        { place: first.place, hint: await whatHelps(first, planToQuarantine) },
    )
}

/** The error where errors would be left all the same. */
export function stillWrong({ list, counts: { error: errors } }: Findings): ComplogError {
    const worst = list[0] as Finding
    const others = errors > 1 ? ` (and ${errors - 1} more)` : ''
    return new ComplogError(
        'error-findings',
        `No repair would leave a store without errors. ${worst.id}${others}: ${worst.message}`,
        { place: worst.place, hint: worst.help },
    )
}

async function whatHelps(
    first: Finding,
    planToQuarantine: () => Promise<RepairChanges>,
): Promise<string | undefined> {
    try {
        const { parts, movedFiles, headFile } = await planToQuarantine()
        const lines = parts.reduce((sum, part) => sum + part.lines.length, 0)
        if (lines + movedFiles.length === 0 && headFile !== undefined)
            return `If that record was never there, \`complog repair --quarantine\` has the head file name ${shortHash(headFile.hash)}…, the newest one that is, and keeps what it holds. Else restore the record from a backup.`
        const what =
            lines > 0
                ? `${countOf(lines, 'line')} out of the log`
                : `${countOf(movedFiles.length, 'file')} aside`
        return `\`complog repair --quarantine\` moves ${what} and keeps them; see them first with --dry-run.`
    } catch (error) {
        if (!(error instanceof ComplogError)) throw error
        if (error.code === 'two-heads' || error.code === 'broken-chain')
            return error.hint?.replaceAll('--head', '--quarantine --head')
        return error.code === 'error-findings' ? first.help : error.hint
    }
}
