// Where a path leads to once all links are followed, also where its end is not there yet.
import { readlink, realpath } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'

import { isSystemError, onSystemError } from '../errors.js'

/** As many as Linux follows. */
const linksMax = 40

/** A path with links in a circle, or that may not be looked into, stays: whoever opens it is told. */
export async function physicalPath(path: string, links = 0): Promise<string> {
    const absolute = resolve(path)
    try {
        return await realpath(absolute)
    } catch (error) {
        if (!isSystemError(error)) throw error
        if (error.code !== 'ENOENT' || links > linksMax) return absolute
    }
    const above = dirname(absolute)
    if (above === absolute) return absolute
    const target = await readlink(absolute).catch(onSystemError(undefined))
    // What is written through a link that leads to nothing comes to be where it leads.
    if (target !== undefined)
        return physicalPath(resolve(await physicalPath(above, links), target), links + 1)
    return join(await physicalPath(above, links), basename(absolute))
}
