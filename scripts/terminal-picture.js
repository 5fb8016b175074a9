// Draws what a command shows on a terminal of 80 columns, with its colours: the picture of the README.
//   npm run build && node scripts/terminal-picture.js    writes docs/terminal.svg
// What it needs beside Node: python3, which makes the pseudo-terminal.
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

export const picture = 'docs/terminal.svg'
const args = ['verify-chain', 'fixtures/findings/altered-record/process-store']

const columns = 80
const fontSize = 14
const lineHeight = 19
const columnWidth = 8.43
const margin = 20
const bar = 34
/** Colours of GitHub's dark theme, by the number in the escape sequence. */
const colours = { 31: '#ff7b72', 32: '#7ee787', 33: '#d29922', 34: '#79c0ff', 36: '#76e3ea', 90: '#8b949e' }
const text = '#e6edf3'

/** What the terminal shows, prompt included, with its escape sequences. */
export function shownOnTerminal() {
    const driver = [
        'test/support/terminal.py',
        String(columns),
        '[]',
        process.execPath,
        'bin/run.js',
        ...args,
    ]
    const { stdout, stderr, error } = spawnSync('python3', driver, {
        encoding: 'utf8',
        env: { PATH: process.env.PATH, TERM: 'xterm-256color', LANG: 'C.UTF-8', FORCE_COLOR: '1' },
    })
    if (error !== undefined || stderr !== '') throw error ?? new Error(stderr)
    return `$ complog ${args.join(' ')}\n${stdout.replaceAll('\r\n', '\n')}`.trimEnd()
}

/** The SVG of such a text; throws where it has an escape sequence that is not drawn. */
export function drawn(shown) {
    const lines = shown.split('\n')
    const width = Math.ceil(columns * columnWidth + 2 * margin)
    const height = bar + lines.length * lineHeight + margin
    const state = { bold: false, dim: false, colour: undefined }
    const rows = lines.map((line, i) => {
        const y = bar + (i + 1) * lineHeight - 5
        const spans = spansOf(line, state)
        return spans.length === 0
            ? ''
            : `<text x="${margin}" y="${y}" xml:space="preserve">${spans.join('')}</text>\n`
    })
    const dots = ['#ff5f57', '#febc2e', '#28c840'].map(
        (fill, i) => `<circle cx="${margin + 6 + i * 20}" cy="18" r="6" fill="${fill}"/>`,
    )
    return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>complog ${args[0]} on a log in which one line was changed</title>
<rect width="${width}" height="${height}" rx="8" fill="#0d1117"/>
${dots.join('')}
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="${fontSize}" fill="${text}">
${rows.join('')}</g>
</svg>
`
}

/** A line's pieces between escape sequences, each with the style that holds there. */
function spansOf(line, state) {
    const spans = []
    // rslint-disable-next-line no-control-regex
    for (const part of line.split(/(\x1b\[[\d;?]*[A-Za-z])/)) {
        if (part.startsWith('\x1b')) restyle(part, state)
        else if (part !== '') spans.push(`<tspan${styleOf(state)}>${escaped(part)}</tspan>`)
    }
    return spans
}

function restyle(sequence, state) {
    // rslint-disable-next-line no-control-regex
    const code = Number(/^\x1b\[(\d+)m$/.exec(sequence)?.[1])
    if (code === 1) state.bold = true
    else if (code === 2) state.dim = true
    else if (code === 22) state.bold = state.dim = false
    else if (code === 39) state.colour = undefined
    else if (code in colours) state.colour = colours[code]
    else throw new Error(`an escape sequence that is not drawn: ${JSON.stringify(sequence)}`)
}

function styleOf({ bold, dim, colour }) {
    const weight = bold ? ' font-weight="bold"' : ''
    const fill = dim ? ' fill="#8b949e"' : colour === undefined ? '' : ` fill="${colour}"`
    return weight + fill
}

function escaped(part) {
    return part.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
    writeFileSync(picture, drawn(shownOnTerminal()))
