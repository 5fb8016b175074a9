// A place in a log as people read it, and as editors open it.
import type { Place } from '../../core/errors.js'
import { printable } from './printable.js'

/** A name on one line, whatever it is made of. */
function onOneLine(name: string): string {
    return printable(name.replaceAll('\n', '\\n').replaceAll('\t', '\\t'))
}

export function placeText({ file, line, offsetBytes }: Place): string {
    const name = onOneLine(file)
    return line === undefined ? `${name} (byte ${offsetBytes})` : `${name}:${line} (byte ${offsetBytes})`
}
