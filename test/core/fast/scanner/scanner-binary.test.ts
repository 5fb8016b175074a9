// The binary that is kept with the sources is what those compile to.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { pathToFileURL } from 'node:url'

import { packageFolder } from '../../../support/build.js'
import { thinned } from '../../../support/thinned.js'

interface Compiler {
    readonly writtenTo: string
    readonly binaryModule: () => Promise<string>
    readonly moduleOf: (base64: string) => string
}

const path = pathToFileURL(join(packageFolder, 'src/core/fast/wasm/compile.js')).href
const { writtenTo, binaryModule, moduleOf } = (await import(path)) as Compiler

test('the scanner is what its sources compile to', async () => {
    const written = readFileSync(writtenTo, 'utf8')
    const base64 = /'(.+)'/.exec(written)?.[1] ?? ''
    assert.equal(written, moduleOf(base64), 'Run npm run build:scanner.')
    if (thinned(true, false)) return
    assert.equal(written, await binaryModule(), 'Run npm run build:scanner.')
})
