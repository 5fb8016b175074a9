// The fixture apps, compiled by the real compiler with the packages of `fixtures/elm-home`.
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { after } from 'node:test'

import { type LoadedElmApp, loadElmApp } from '../../src/core/elm-app/elm-app.js'
import { fixturesFolder } from './stores.js'
import { temporaryFolder } from './temporary.js'

export type AppName = 'counter' | 'string-builder'

// For the whole file of tests, so at its top level: a hook set within a test would end with that test.
const folder = temporaryFolder({ after })
// The compiler writes beside the packages that it reads.
cpSync(join(fixturesFolder, 'elm-home'), join(folder, 'elm-home'), { recursive: true })
const loaded = new Map<AppName, Promise<LoadedElmApp>>()

/** Compiles each app once for a file of tests. */
export function fixtureApp(name: AppName): Promise<LoadedElmApp> {
    const known = loaded.get(name)
    if (known !== undefined) return known
    const app = loadElmApp({
        path: join(fixturesFolder, 'apps', name),
        elmHome: join(folder, 'elm-home'),
        cacheDirectory: join(folder, 'cache'),
    })
    loaded.set(name, app)
    return app
}
