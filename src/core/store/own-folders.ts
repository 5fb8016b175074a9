// A lock guards what lies in the folder of a process store. A log that lies elsewhere can be reached by another store as
// well, which has a lock of its own.
import { lstat, realpath } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

import { ComplogError, isSystemError } from '../errors.js'
import { attempt } from './file-system-error.js'

/**
 * For whoever is going to write to a process store.
 * @param root folder of the process store
 * @throws ComplogError `usage` where its `composition` or `reduction` is a link, `file-system`
 */
export async function refuseLinkedFolders(root: string): Promise<void> {
    for (const name of ['composition', 'reduction']) {
        const path = join(root, name)
        if (!(await isLink(path))) continue
        const real = await realpath(path).catch(() => undefined)
        const place = real === undefined ? 'a link' : `a link to ${real}`
        const mend = 'put the folder itself in the place of the link'
        throw new ComplogError(
            'usage',
            `${path} is ${place}: complog writes only where files are, or two could write to one log at once.`,
            {
                hint:
                    real !== undefined && basename(real) === name
                        ? `Name the process store that it lies in, ${dirname(real)}, or ${mend}.`
                        : `P${mend.slice(1)}.`,
            },
        )
    }
}

async function isLink(path: string): Promise<boolean> {
    return attempt('look at', path, async () => {
        try {
            return (await lstat(path)).isSymbolicLink()
        } catch (error) {
            if (isSystemError(error) && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return false
            throw error
        }
    })
}
