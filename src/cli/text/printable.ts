// A log holds what strangers sent, and file names are free text: neither may talk to the terminal.
import type { Place } from '../../core/errors.js'
import { formatCount } from './units.js'

/**
 * The text with control characters, but for line ends and tabs, made visible, such as `\\u001b` for an
 * escape; likewise what turns the direction of writing, so that text would be seen in another order than it
 * stands. JSON stays the same JSON: there, what is made visible stands only in strings, where it means the
 * same.
 */
export function printable(text: string): string {
    return text.replace(
        /[^\P{Cc}\n\t]|[\u2028\u2029]|\p{Bidi_Control}/gu,
        (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    )
}

// What a stranger's text is cut to, so that one long value does not push the rest from the screen.

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

// A place in a log as people read it, and as editors open it.

/** A name on one line, whatever it is made of. */
function onOneLine(name: string): string {
    return printable(name.replaceAll('\n', '\\n').replaceAll('\t', '\\t'))
}

export function placeText({ file, line, offsetBytes }: Place): string {
    const name = onOneLine(file)
    return line === undefined ? `${name} (byte ${offsetBytes})` : `${name}:${line} (byte ${offsetBytes})`
}
