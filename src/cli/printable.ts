// A log holds what strangers sent, and file names are free text: neither may talk to the terminal.

/** The text with control characters, but for line ends and tabs, made visible, such as `\\u001b` for an escape. */
export function printable(text: string): string {
    return text.replace(
        /[^\P{Cc}\n\t]|[\u2028\u2029]/gu,
        (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    )
}
