// A place in a log as people read it, and as editors open it.
import type { Place } from '../core/errors.js'
import { printable } from './printable.js'

export function placeText({ file, line, offsetBytes }: Place): string {
    const name = printable(file)
    return line === undefined ? `${name} (byte ${offsetBytes})` : `${name}:${line} (byte ${offsetBytes})`
}
