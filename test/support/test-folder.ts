// One folder for a whole run of the tests: what one file of tests has had compiled, the others find in the cache.
import { cpSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { after } from 'node:test'

import { fixturesFolder } from './stores.js'
import { temporaryFolder } from './temporary.js'

/** Made by test/run.js; a file of tests that is run by itself makes its own. */
const fromRunner = process.env['COMPLOG_TEST_FOLDER']
export const testFolder = fromRunner ?? temporaryFolder({ after })
/** A copy of the fixture's Elm home: the compiler writes beside the packages that it reads. */
export const elmHome = join(testFolder, 'elm-home')
export const cacheFolder = join(testFolder, 'cache')
/** For whatever looks for the home of a user. */
export const homeFolder = join(testFolder, 'home')

if (fromRunner === undefined) {
    cpSync(join(fixturesFolder, 'elm-home'), elmHome, { recursive: true })
    mkdirSync(homeFolder)
}
