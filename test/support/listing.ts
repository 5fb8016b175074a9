// What a folder holds, down to the bytes of each file and the moment it was written: to show that nothing was touched.
import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Each file and folder below, as one line of text. When a folder was written says less: a temporary file changes it. */
export function listing(folder: string): readonly string[] {
    return ['.', ...readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()].map((name) => {
        const path = join(folder, name)
        const stats = lstatSync(path)
        const line = `${name} ${stats.mode.toString(8)} ${stats.ino}`
        return stats.isFile() ? `${line} ${stats.mtimeMs} ${sha256(readFileSync(path))}` : line
    })
}

/** The same without what a copy has of its own. */
export function contents(folder: string): Readonly<Record<string, string>> {
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()
    const files = names.filter((name) => lstatSync(join(folder, name)).isFile())
    return Object.fromEntries(files.map((name) => [name, sha256(readFileSync(join(folder, name)))]))
}

function sha256(bytes: Buffer): string {
    return createHash('sha256').update(bytes).digest('hex')
}
