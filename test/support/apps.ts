// The fixture apps, compiled by the real compiler with the packages of `fixtures/elm-home`.
import { join } from 'node:path'

import type { LoadedElmApp } from '../../src/core/elm-app/elm-app.js'
import { loadElmApp } from '../../src/core/elm-app/load-app.js'
import { fixturesFolder } from './stores.js'
import { cacheFolder, elmHome } from './test-folder.js'

export type AppName = 'counter' | 'string-builder'

const loaded = new Map<AppName, Promise<LoadedElmApp>>()

/** Compiled once for all files of a run. */
export function fixtureApp(name: AppName): Promise<LoadedElmApp> {
    const known = loaded.get(name)
    if (known !== undefined) return known
    const app = loadElmApp({
        path: join(fixturesFolder, 'apps', name),
        elmHome,
        cacheDirectory: cacheFolder,
    })
    loaded.set(name, app)
    return app
}
