// The thread starts from a file of its own: app-worker.js as shipped, app-worker.ts when the sources run under tsx,
// which by itself reads TypeScript in the main thread only.

import type { WorkerOptions } from 'node:worker_threads'

const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js'

/** The module that the app's thread runs. */
export const workerFile = new URL(`./app-worker${extension}`, import.meta.url)

/** Node flags for the thread; none of the process's own, so that nothing is preloaded beside the app. */
export function workerFlags(): NonNullable<WorkerOptions['execArgv']> {
    if (extension === '.js') return []
    const api = JSON.stringify(import.meta.resolve('tsx/esm/api'))
    return [
        '--import',
        `data:text/javascript,${encodeURIComponent(`import { register } from ${api}; register()`)}`,
    ]
}
