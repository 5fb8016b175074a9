import type { Change, Difference, TextChange } from '../../core/difference/difference.js'
import { excerpt } from '../text/printable.js'
import type { Style } from '../text/terminal.js'
import { countOf } from '../text/units.js'

const shownMax = 40
const valueCharactersMax = 400
const pointerCharactersMax = 200
/** Of a long value, what stands in front of the first difference. */
const contextCharacters = 20

/** A change a line: `+` added, `-` removed, `~` another value, `>` moved. */
export function renderDifference({ form, changes, more }: Difference, style: Style): string {
    const shown = changes.slice(0, shownMax)
    const rest = changes.length - shown.length + more
    const lines =
        form === 'json'
            ? (shown as readonly Change[]).map((change) => renderChange(change, style))
            : (shown as readonly TextChange[]).map((change) => renderTextChange(change, style))
    const { chalk } = style
    if (rest > 0) lines.push(chalk.dim(`… and ${countOf(rest, 'more change')}`))
    return lines.length === 0 ? chalk.dim('no change') : lines.join('\n')
}

/** The same below a heading. */
export function renderDifferenceBelow(difference: Difference, style: Style): string {
    return renderDifference(difference, style).replaceAll(/^(?=.)/gm, '  ')
}

function renderChange({ pointer, from, before, after, item }: Change, style: Style): string {
    const { chalk } = style
    const told = item === undefined ? '' : chalk.dim(` (${excerpt(item, pointerCharactersMax)})`)
    const place = `${excerpt(pointer === '' ? 'all of it' : pointer, pointerCharactersMax)}${told}`
    if (from !== undefined) return `${chalk.blue('>')} ${place} from ${excerpt(from, pointerCharactersMax)}`
    if (before === undefined) return `${chalk.green('+')} ${place}  ${chalk.green(valueText(after ?? ''))}`
    if (after === undefined) return `${chalk.red('-')} ${place}  ${chalk.red(valueText(before))}`
    return `${chalk.yellow('~')} ${place}${bothSides(before, after, style)}`
}

function renderTextChange({ line, offset, before, after }: TextChange, style: Style): string {
    const place = `line ${line}, character ${offset} of the text`
    return `${style.chalk.yellow('~')} ${place}${bothSides(JSON.stringify(before), JSON.stringify(after), style)}`
}

/** On one line where there is room, else below each other. */
function bothSides(before: string, after: string, { chalk, columns }: Style): string {
    const [was, is] = cutAlike(before, after)
    if (was.length + is.length + pointerCharactersMax / 4 <= columns)
        return `  ${chalk.red(was)} → ${chalk.green(is)}`
    return `\n    ${chalk.red(`- ${was}`)}\n    ${chalk.green(`+ ${is}`)}`
}

/** Two long values, each from shortly before where they begin to differ. */
function cutAlike(before: string, after: string): readonly [string, string] {
    if (Math.max(before.length, after.length) <= valueCharactersMax)
        return [valueText(before), valueText(after)]
    let same = 0
    while (same < before.length && before[same] === after[same]) same++
    const start = same > 2 * contextCharacters ? same - contextCharacters : 0
    const lead = start > 0 ? '…' : ''
    return [lead + valueText(before.slice(start)), lead + valueText(after.slice(start))]
}

function valueText(text: string): string {
    return excerpt(text, valueCharactersMax)
}
