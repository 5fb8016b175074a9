// Names in an archive are the attacker's to choose. Each is judged here, once, before anything else looks at it.

import { folderDepthMax } from '../../limits.js'

/** A name that may be used, or what is wrong with it as the end of a sentence that starts with the name. */
export type ZipEntryPath = { readonly path: string } | { readonly problem: string }

/**
 * Judges the name of a zip entry. `\` counts as `/`, since archives written on Windows hold it.
 * The path that results is relative, has `/` between its parts and no `.` or empty parts.
 */
export function zipEntryPath(name: string): ZipEntryPath {
    const slashed = name.replaceAll('\\', '/')
    if (slashed.startsWith('/')) return { problem: 'is an absolute path' }
    if (/^[a-z]:/i.test(slashed)) return { problem: 'has a drive letter' }
    const parts = slashed.split('/').filter((part) => part !== '' && part !== '.')
    if (parts.includes('..')) return { problem: 'has a ".." part' }
    // eslint-disable-next-line no-control-regex -- the very characters that are refused
    if (/[\u0000-\u001f\u007f]/.test(slashed)) return { problem: 'has a control character' }
    // Windows reads `a:b` as a stream of the file a, and drops dots and spaces at a name's end.
    if (slashed.includes(':')) return { problem: 'has a colon' }
    if (parts.some((part) => /[. ]$/.test(part)))
        return { problem: 'has a part that ends in a dot or a space' }
    if (parts.length === 0) return { problem: 'is empty' }
    if (parts.length > folderDepthMax) return { problem: `is nested deeper than ${folderDepthMax} folders` }
    return { path: parts.join('/') }
}

/** Two names with the same key would be one file on some file system. */
export function zipEntryKey(path: string): string {
    return path.normalize('NFC').toLowerCase()
}
