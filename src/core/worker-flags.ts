// Threads start from files of their own: .js as shipped, .ts when the sources run under tsx, which by itself
// reads TypeScript in the main thread only.

/** How the files end that threads start from. */
export const workerExtension = import.meta.url.endsWith('.ts') ? '.ts' : '.js'

/** Node flags for a thread; none of the process's own, so that nothing is preloaded beside what it is for. */
export function workerFlags(): string[] {
    if (workerExtension === '.js') return []
    const api = JSON.stringify(import.meta.resolve('tsx/esm/api'))
    return [
        '--import',
        `data:text/javascript,${encodeURIComponent(`import { register } from ${api}; register()`)}`,
    ]
}
