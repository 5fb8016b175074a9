// What a stranger's text is cut to, so that one long value does not push the rest from the screen.
import { formatCount } from '../text/units.js'
import { printable } from './printable.js'

/** One line of at most so many characters, and how many there are beyond. */
export function excerpt(text: string, charactersMax: number): string {
    const line = printable(
        text
            .slice(0, charactersMax)
            .toWellFormed()
            .replaceAll(/\s*\n\s*/g, ' '),
    )
    return text.length > charactersMax ? `${line}… (${formatCount(text.length)} characters)` : line
}
