// Which values a host of the time needs to start, which lie there for records that it no longer reads, and
// which nobody names.
import { type Finding, finding } from '../composition/finding.js'
import { Findings } from '../composition/findings.js'
import type { Place } from '../errors.js'
import type { ReadLater } from './reading/read-later.js'
import type { LaterReduction } from './reading/reductions.js'
import type { ReachedValues } from './values/reached-values.js'
import type { ValueHash } from './values/value.js'

/** What is to be said of the values of a store. */
export interface FindingsOfValues {
    readonly findings: Findings
    readonly orphans: { readonly files: number; readonly sizeBytes: number }
}

interface Root {
    readonly hash: ValueHash
    readonly place: Place
}

/** Compares the values that are there with those that records and reductions name. */
export function findingsOfValues(read: ReadLater): FindingsOfValues {
    const { log, values, newestUsable: newest, isTruncated } = read
    const findings = new Findings()
    for (const reduction of read.reductions.byHash.values()) {
        const row = log.reduced.get(reduction.hash)
        if (row !== undefined) findings.addAll(withoutState(read, reduction, row))
    }
    const reached = values.noneReached()
    findings.addAll(missingValues(read, { roots: rootsIn(read, true), severity: 'error' }, reached))
    // A file that holds no record any more, though one names it as its parent.
    if (log.oldestParent !== undefined && newest < 0) reached.add(log.oldestParent)
    if (log.lostHead !== undefined) reached.add(log.lostHead)
    const needed = reached.count
    if (log.oldestParent !== undefined) reached.add(log.oldestParent)
    // What a truncation removed is nothing to report: hosts do not read it any more.
    const others = missingValues(read, { roots: rootsIn(read, false), severity: 'warning' }, reached)
    if (!isTruncated) findings.addAll(others)
    else Array.from(others)
    for (let row = 0; row < log.table.length && values.records.size > 0; row++)
        reached.add(log.table.hashAt(row))
    findings.addAll(badFiles(read, reached, needed))
    return { findings, orphans: orphansIn(read, reached) }
}

/** What records and reductions name. @param isNeeded by a host that starts, or by none */
function* rootsIn(read: ReadLater, isNeeded: boolean): Generator<Root> {
    const { log, values, live, newestUsable: newest } = read
    for (const { row, hash } of log.values)
        if ((row > newest && live.isLive(row)) === isNeeded) yield { hash, place: log.table.placeAt(row) }
    for (const { hash: reduced, state, app, place } of read.reductions.byHash.values()) {
        const row = log.reduced.get(reduced)
        if (row === undefined || (row === newest) !== isNeeded) continue
        for (const hash of [state, app]) if (hash !== undefined && values.has(hash)) yield { hash, place }
    }
}

/** @param row of the reduced record */
function* withoutState(
    { values, store, live, newestUsable }: ReadLater,
    { state, app, place, hash }: LaterReduction,
    row: number,
): Generator<Finding> {
    const lacks = Object.entries({ state, app }).flatMap(([name, value]) =>
        value === undefined
            ? [`names no ${name}`]
            : values.has(value)
              ? []
              : [`its ${name} ${value} is not there`],
    )
    if (lacks.length === 0) return
    const isLive = live.isLive(row)
    yield finding('reduction-without-state', `This reduction cannot be used: ${lacks.join(', and ')}.`, {
        place,
        hash,
        ...(values.hasWholeFiles && isLive && row > newestUsable && { severity: 'error' }),
        host: isLive
            ? store.generation.hosts?.reductionWithoutState
            : 'Does not read it: a revert has made its record void.',
    })
}

function* missingValues(
    { values, store }: ReadLater,
    { roots, severity }: { readonly roots: Iterable<Root>; readonly severity: 'error' | 'warning' },
    reached: ReachedValues,
): Generator<Finding> {
    for (const { hash, place } of roots) {
        for (const [missing, by] of values.reach([hash], reached)) {
            const part =
                missing === hash
                    ? 'the value'
                    : by === hash
                      ? 'a part of the value'
                      : `a part of ${by}, in the value`
            const named = missing === hash ? missing : `${hash}: ${missing}`
            yield finding('value-missing', `It names ${part} ${named}, which is not there.`, {
                place,
                hash: missing,
                severity,
                host:
                    severity === 'warning'
                        ? 'Does not read it: a reduction stands behind it.'
                        : store.generation.hosts?.missingValue,
            })
        }
    }
}

const besideSound =
    '`complog repair --quarantine` moves this file aside: another one holds the value that it should hold.'

/** @param needed how many of the first are needed by a host that starts */
function* badFiles({ values, store }: ReadLater, reached: ReachedValues, needed: number): Generator<Finding> {
    for (const { file, problem, isFirst } of values.bad) {
        const isNamed = reached.has(file.hash)
        const why = !isFirst
            ? ' Another file with this value comes before it.'
            : isNamed
              ? ''
              : ' Nothing names this value.'
        const isNeeded = isFirst && isNamed && reached.ordinalOf(file.hash) <= needed
        yield finding('value-differs', `${problem}${why}`, {
            place: { file: file.file.path, offsetBytes: 0, sizeBytes: file.file.sizeBytes },
            hash: file.hash,
            severity: isNeeded ? 'error' : 'warning',
            host: isNeeded ? store.generation.hosts?.alteredValue : 'Does not read it.',
            help: values.hasSoundBeside(file) ? besideSound : undefined,
        })
    }
}

function orphansIn({ values }: ReadLater, reached: ReachedValues): FindingsOfValues['orphans'] {
    let files = 0
    let sizeBytes = 0
    for (const hash of values.hashes) {
        if (reached.has(hash)) continue
        for (const { file } of values.filesOf(hash)) {
            files++
            sizeBytes += file.sizeBytes
        }
    }
    return { files, sizeBytes }
}
