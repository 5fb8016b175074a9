// Folders that live as long as the test they were made for.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative, sep } from 'node:path'

/** What the folder ends with: a test's own context, or `{ after }` of node:test for a whole file of tests. */
interface Owner {
    after(end: () => void): void
}

export function temporaryFolder(owner: Owner, below = tmpdir()): string {
    const folder = mkdtempSync(join(below, 'complog-test-'))
    // A process that a test has left behind may still write its last file.
    owner.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }))
    return folder
}

/** Writes files below a folder and makes the folders between. */
export function writeFiles(folder: string, files: Readonly<Record<string, Uint8Array | string>>): void {
    const made = new Set<string>()
    for (const [path, content] of Object.entries(files)) {
        const absolute = join(folder, path)
        const above = dirname(absolute)
        if (!made.has(above)) mkdirSync(above, { recursive: true })
        made.add(above)
        writeFileSync(absolute, content)
    }
}

/** Every file below a folder by its path with `/`, in code unit order; nothing where there is no folder. */
export function readFiles(folder: string): Record<string, Buffer> {
    const files: Record<string, Buffer> = {}
    for (const path of filePaths(folder)) files[path] = readFileSync(join(folder, path))
    return files
}

export function filePaths(folder: string): readonly string[] {
    try {
        return readdirSync(folder, { recursive: true, withFileTypes: true })
            .filter((entry) => !entry.isDirectory())
            .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
            .sort((a, b) => (a < b ? -1 : 1))
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
        throw error
    }
}
