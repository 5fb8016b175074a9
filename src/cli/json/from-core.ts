// From what the core hands out to what the schemas promise.
import type { Bisected } from '../../core/bisect/bisect.js'
import type { CompositionRecord } from '../../core/check/chain.js'
import type { Compared } from '../../core/compare/compare.js'
import { differenceOf } from '../../core/difference/difference.js'
import type { VerifiedLater } from '../../core/later/verify-later.js'
import type { VerifiedStore } from '../../core/restore/verify-store.js'
import { isLineEnd } from '../../core/rewrite/repair/removed-lines.js'
import type { Repaired } from '../../core/rewrite/repair/repair.js'
import type { RepairPlan } from '../../core/rewrite/repair/repair-plan.js'
import type { TruncatePlan } from '../../core/rewrite/truncate/truncate-plan.js'
import type { VerifiedLaterStore } from './later-results.js'
import type { ResultOf, VerifiedChain } from './results.js'

export function verifyChainResult(verified: VerifiedStore, milliseconds: number): VerifiedChain {
    const { counts, findings, heads, longest, reductionsByReplay } = verified
    const [head = null, ...otherHeads] = heads
    return {
        sound: verified.isSound,
        files: counts.files,
        records: counts.records,
        events: counts.events,
        setStates: counts.setStates,
        sizeBytes: counts.sizeBytes,
        generations: counts.generations,
        oldestParent: longest.oldestParent,
        head: otherHeads.length > 0 ? null : head,
        heads,
        inOrder: longest.inOrder,
        reader: verified.reader,
        reductions: {
            files: verified.reductions,
            usable: verified.usableReductions.size,
            proven: reductionsByReplay?.proven ?? null,
        },
        counts: findings.counts,
        findings: findings.list,
        findingsOmitted: findings.omitted,
        milliseconds,
    }
}

export function truncateResult(
    plan: TruncatePlan,
    done: Pick<ResultOf<'truncate'>, 'dryRun' | 'proven' | 'archive' | 'milliseconds'>,
): ResultOf<'truncate'> {
    return {
        ...done,
        oldest: { hash: plan.oldest.hash, position: plan.oldest.position },
        records: plan.records,
        sizeBytes: plan.bytes,
        files: {
            removed: plan.removedFiles.length,
            cut: plan.cutFile ? 1 : 0,
            kept: plan.keptFiles.length,
        },
        reductionsRemoved: plan.removedReductions.length,
        ...(plan.removedValues && { valuesRemoved: plan.removedValues.length }),
    }
}

/** @param repaired what was done; undefined in a dry run */
export function repairResult(
    plan: RepairPlan,
    repaired: Repaired | undefined,
    done: Pick<ResultOf<'repair'>, 'dryRun' | 'milliseconds'>,
): ResultOf<'repair'> {
    const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0)
    return {
        ...done,
        head: plan.head,
        records: plan.records,
        lines: sum(plan.parts.map(({ lines }) => lines.length)),
        sizeBytes: sum(plan.parts.map(({ sizeBytes }) => sizeBytes)),
        parts: plan.parts
            .filter(({ lines }) => lines.length > 0)
            .map(({ file, lines, sizeBytes }, i) => {
                const [first] = lines
                return {
                    file: file.path,
                    lines: lines.length,
                    sizeBytes,
                    first: {
                        finding: first?.finding ?? '',
                        line: first?.line ?? 1,
                        offsetBytes: first?.fromBytes ?? 0,
                    },
                    keptIn: repaired?.quarantined[i]?.keptIn ?? null,
                    index: repaired?.quarantined[i]?.index ?? null,
                }
            }),
        lineEndsAdded: plan.parts.flatMap(({ added }) => added).filter(isLineEnd).length,
        putBack: [...(plan.putBack ?? [])],
        headFile: plan.headFile?.hash ?? null,
        filesMoved: plan.movedFiles.length,
    }
}

/** @param done what was looked for, and how */
export function bisectResult(
    bisected: Omit<Bisected, 'findings'>,
    done: Pick<ResultOf<'bisect'>, 'condition' | 'exact' | 'milliseconds'>,
): ResultOf<'bisect'> {
    const { found, ...said } = bisected
    const { record } = found ?? {}
    return {
        ...said,
        ...done,
        record: record ? recordJson(record) : null,
        eventIndex: found?.eventIndex ?? null,
        responses: found?.responses ?? null,
        failure: found?.failure?.message ?? null,
        difference: found?.after === undefined ? null : differenceOf(found.before, found.after),
    }
}

function recordJson(record: CompositionRecord): NonNullable<ResultOf<'bisect'>['record']> {
    const { hash, position, place, setState = null, events } = record
    return { hash, position, place, setState, events }
}

type Comparison = NonNullable<ResultOf<'compare'>['comparison']>

export function comparisonJson({ first, groups, totals, atEnd, ...counts }: Compared): Comparison {
    const { from, to, records, events, statesEvery } = counts
    return {
        from,
        to,
        records,
        events,
        statesEvery,
        totals,
        first: first
            ? {
                  what: first.what,
                  record: first.record ? recordJson(first.record) : null,
                  eventIndex: first.eventIndex,
                  before: first.what === 'state' ? null : (first.before ?? null),
                  after: first.what === 'state' ? null : (first.after ?? null),
                  difference: first.difference,
              }
            : null,
        groups,
        atEnd,
    }
}

/** @param proven reductions that replay has proven; null without an app */
export function verifyLaterResult(
    verified: VerifiedLater,
    proven: number | null,
    milliseconds: number,
): VerifiedLaterStore {
    const { store, log, live, findings, continued, values, reductions } = verified
    return {
        sound: verified.isSound,
        generation: store.generation.id as VerifiedLaterStore['generation'],
        form: verified.form ?? null,
        older: store.older.map(({ id }) => ({ generation: id, continued: continued.includes(id) })),
        files: log.files,
        records: verified.records,
        events: Object.fromEntries(verified.kinds),
        void: live.void,
        sizeBytes: log.sizeBytes,
        oldestParent: log.oldestParent ?? null,
        head: verified.head ?? null,
        values: { ...values.totals, orphans: verified.orphans },
        reductions: { files: reductions.files, usable: verified.usable.size, proven },
        counts: findings.counts,
        findings: [...findings.list],
        findingsOmitted: findings.omitted,
        milliseconds,
    }
}
