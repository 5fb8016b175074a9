// A log holds what strangers sent, and file names are free text: neither may talk to the terminal.

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
