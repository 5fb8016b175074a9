// A file that holds a serialised state.
import { isUtf8 } from 'node:buffer'

import { ComplogError } from '../core/errors.js'
import { readNamed } from '../core/store/reading/read-whole.js'

/** @throws ComplogError `usage` where it is no text, `file-system` */
export async function stateIn(path: string): Promise<string> {
    const bytes = await readNamed(path)
    if (isUtf8(bytes)) return bytes.toString('utf8')
    throw new ComplogError('usage', `${path} holds no state: it is not UTF-8.`)
}
