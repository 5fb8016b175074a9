// Persistent processes for tests, which end with the test that opened them.
import type { TestContext } from 'node:test'

import type { LoadedElmApp } from '../../../src/core/elm-app/elm-app.js'
import {
    PersistentProcess,
    type PersistentProcessOptions,
} from '../../../src/core/process/persistent-process.js'
import { inProcessCounter } from '../../support/in-process-app.js'

export function opened(
    t: TestContext,
    path: string,
    options: PersistentProcessOptions & { readonly app?: LoadedElmApp } = {},
): Promise<PersistentProcess> {
    const process = PersistentProcess.open(path, options.app ?? inProcessCounter(), options)
    t.after(async () => {
        const opened = await process.catch(() => undefined)
        // A test may have let it die.
        await opened?.close().catch(() => undefined)
    })
    return process
}

export function add(process: PersistentProcess, addition: number): Promise<readonly string[]> {
    return process.processEvents([JSON.stringify({ addition })])
}

/** A clock that stands still. */
export function clockAt(iso: string): () => Date {
    return () => new Date(iso)
}
