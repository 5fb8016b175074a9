// A log can be wrong in a million lines. The list of findings stays bounded, the counts stay exact.
import { findingsPerIdMax } from '../limits.js'
import type { Finding, FindingId, Severity } from './finding.js'

const severities = ['error', 'warning', 'note'] as const

/** Findings as plain data, for other threads. */
export interface PackedFindings {
    readonly kept: readonly Finding[]
    /** Of all, those that were not kept as well. */
    readonly countById: ReadonlyMap<FindingId, number>
    readonly countBySeverity: Readonly<Record<Severity, number>>
}

/** The findings of a check: each counted, and up to a bound of each id kept. */
export class Findings {
    readonly #kept: Finding[] = []
    readonly #countById = new Map<FindingId, number>()
    readonly #countBySeverity: Record<Severity, number> = { error: 0, warning: 0, note: 0 }

    add(finding: Finding): void {
        const count = (this.#countById.get(finding.id) ?? 0) + 1
        this.#countById.set(finding.id, count)
        this.#countBySeverity[finding.severity] += 1
        if (count <= findingsPerIdMax) this.#kept.push(finding)
    }

    addAll(findings: Iterable<Finding>): void {
        for (const finding of findings) this.add(finding)
    }

    /** These findings and, behind them, others. Neither of the two is changed. */
    plus(others: Findings | Iterable<Finding>): Findings {
        const sum = new Findings()
        for (const part of [this, others]) {
            if (part instanceof Findings) sum.addPacked(part.packed)
            else sum.addAll(part)
        }
        return sum
    }

    get packed(): PackedFindings {
        return {
            kept: this.#kept,
            countById: this.#countById,
            countBySeverity: this.#countBySeverity,
        }
    }

    /** Adds those of a part, each that was kept as `placed` has it in the whole. */
    addPacked(part: PackedFindings, placed = (finding: Finding) => finding): void {
        this.addAll(part.kept.map(placed))
        // Beside those that they keep, there are some that they have only counted.
        for (const [id, count] of part.countById)
            this.#countById.set(id, this.count(id) + Math.max(0, count - findingsPerIdMax))
        for (const severity of severities) {
            const kept = part.kept.filter((found) => found.severity === severity).length
            this.#countBySeverity[severity] += part.countBySeverity[severity] - kept
        }
    }

    /** The findings kept, worst first, and in the order they were found. */
    get list(): readonly Finding[] {
        const rank = { error: 0, warning: 1, note: 2 }
        return this.#kept.toSorted((a, b) => rank[a.severity] - rank[b.severity])
    }

    /** Exact count by severity, of those that were not kept as well. */
    get counts(): Readonly<Record<Severity, number>> {
        return { ...this.#countBySeverity }
    }

    count(id: FindingId): number {
        return this.#countById.get(id) ?? 0
    }

    /** How many findings are not in the list, because there are too many of their kind. */
    get omitted(): number {
        const { error, warning, note } = this.#countBySeverity
        return error + warning + note - this.#kept.length
    }
}
