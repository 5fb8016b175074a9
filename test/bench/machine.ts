import { cpus } from 'node:os'

/** What a table was measured on. */
export function machine(): string {
    return `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`
}
