// The binary that is kept with the sources is what those compile to.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { pathToFileURL } from 'node:url'

import { packageFolder } from '../../../support/build.js'

interface Compiler {
    readonly writtenTo: string
    readonly binaryModule: () => Promise<string>
}

const path = pathToFileURL(join(packageFolder, 'src/core/fast/wasm/compile.js')).href
const { writtenTo, binaryModule } = (await import(path)) as Compiler

test('the scanner is what its sources compile to', async () => {
    assert.equal(readFileSync(writtenTo, 'utf8'), await binaryModule(), 'Run npm run build:scanner.')
})
