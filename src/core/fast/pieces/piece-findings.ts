// The findings of one piece on their way to the whole: as many of a kind as anybody will keep, and the rest
// as numbers.
import type { Finding, FindingId } from '../../composition/finding.js'
import type { Findings } from '../../composition/findings.js'
import { findingsPerIdMax } from '../../limits.js'
import type { PieceLines } from './piece-result.js'

export class PieceFindings {
    readonly findings: Finding[] = []
    readonly #counts = new Map<FindingId, number>()
    readonly #more = new Map<FindingId, { readonly finding: Finding; readonly count: number }>()

    add(finding: Finding): void {
        const { id } = finding
        const count = (this.#counts.get(id) ?? 0) + 1
        this.#counts.set(id, count)
        if (count <= findingsPerIdMax) this.findings.push(finding)
        else this.#more.set(id, { finding, count: count - findingsPerIdMax })
    }

    get moreFindings(): PieceLines['moreFindings'] {
        return [...this.#more.values()]
    }
}

/** Adds the findings of a piece that begins behind so many lines of its file. */
export function addFindings(piece: PieceLines, linesBefore: number, findings: Findings): void {
    for (const finding of piece.findings) findings.add(movedDown(finding, linesBefore))
    for (const { finding, count } of piece.moreFindings) {
        for (let i = 0; i < count; i++) findings.add(finding)
    }
}

function movedDown(finding: Finding, lines: number): Finding {
    const { place } = finding
    return lines === 0 || place?.line === undefined
        ? finding
        : { ...finding, place: { ...place, line: place.line + lines } }
}
