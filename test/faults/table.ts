// The end of the long run: what was injected, and what was lost.
import Table from 'cli-table3'

import type { Tally } from './tally.js'

export function tableOf(tallies: readonly Tally[]): string {
    const faults = tallies.filter(({ weakness }) => weakness === undefined)
    const controls = tallies.filter(({ weakness }) => weakness !== undefined)
    const sum = (count: (tally: Tally) => number) => faults.reduce((total, tally) => total + count(tally), 0)
    const rows = faults.map(({ what, injected, missed, lost }) => [
        what,
        injected,
        injected - lost.length,
        lost.length,
        missed,
    ])
    const total = sum(({ injected }) => injected)
    const lost = sum((tally) => tally.lost.length)
    const missed = sum((tally) => tally.missed)
    return [
        lines(
            ['what', 'injected', 'survived', 'lost', 'missed'],
            [...rows, ['total', total, total - lost, lost, missed]],
        ),
        'Missed: the call to fail or to be killed at was not made in that run.',
        'Controls: the same against a weaker variant, which must lose something.',
        lines(
            ['what', 'variant', 'injected', 'lost'],
            controls.map((tally) => [tally.what, tally.weakness ?? '', tally.injected, tally.lost.length]),
        ),
    ].join('\n')
}

function lines(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
    const table = new Table({ head: [...head], style: { head: [], border: [] } })
    table.push(...rows.map((row) => [...row]))
    return table.toString()
}
