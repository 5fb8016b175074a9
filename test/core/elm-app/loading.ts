// Loading a fixture the way every test does: in a home and a cache that are the test's own.

import assert from 'node:assert/strict'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'

import type { LoadElmAppOptions, LoadedElmApp } from '../../../src/core/elm-app/elm-app.js'
import { loadElmApp } from '../../../src/core/elm-app/load-app.js'
import { elmHomeCopy, fixtureApp, temporaryFolder } from './temporary.js'

export function load(t: TestContext, options: Partial<LoadElmAppOptions> = {}): Promise<LoadedElmApp> {
    return loadElmApp({
        path: fixtureApp('counter'),
        elmHome: elmHomeCopy(),
        cacheDirectory: options.cacheDirectory ?? temporaryFolder(t),
        ...options,
    })
}

/** Responses of a fresh instance to these events, and its state after them. */
export async function answers(app: LoadedElmApp, events: readonly string[]): Promise<readonly string[]> {
    const instance = await app.start()
    try {
        const batch = { inputs: events, kinds: new Uint8Array(events.length), collectResponses: true }
        const { responses } = await instance.apply(batch)
        return [...(responses ?? []), await instance.serializeState()]
    } finally {
        await instance.close()
    }
}

export const additions = ['{"addition":4}', '{"addition":-1}', 'nonsense']

export function assertCounted(results: readonly string[]): void {
    assert.deepEqual(results.slice(0, 2), ['4', '3'])
    assert.match(results[2]!, /^Failed to deserialize event: /)
    assert.equal(results[3], '3')
}

export function editedCounter(t: TestContext, edit: (code: string) => string): string {
    const folder = temporaryFolder(t)
    cpSync(fixtureApp('counter'), folder, { recursive: true })
    const file = join(folder, 'elm-app/Counter.elm')
    writeFileSync(file, edit(readFileSync(file, 'utf8')))
    return folder
}
