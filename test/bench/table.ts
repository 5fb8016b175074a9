// Tables in Markdown, as they stand in docs/performance.md.

export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
    const widths = head.map((_, i) => Math.max(3, ...[head, ...rows].map((row) => row[i]?.length ?? 0)))
    const line = (cells: readonly string[]) =>
        `| ${widths.map((width, i) => pad(cells[i] ?? '', width, i)).join(' | ')} |`
    const rule = widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`))
    return [line(head), line(rule), ...rows.map(line)].join('\n')
}

/** Names to the left, numbers to the right. */
function pad(text: string, width: number, column: number): string {
    return column === 0 ? text.padEnd(width) : text.padStart(width)
}
