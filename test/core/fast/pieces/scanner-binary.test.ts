// The binaries that are kept with the sources are what those compile to.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { pathToFileURL } from 'node:url'

import { packageFolder } from '../../../support/build.js'

interface Compiled {
    readonly what: string
    readonly writtenTo: string
}

interface Compiler {
    readonly modules: readonly Compiled[]
    readonly binaryModule: (compiled: Compiled) => Promise<string>
}

const path = pathToFileURL(join(packageFolder, 'src/core/fast/wasm/compile.js')).href
const { modules, binaryModule } = (await import(path)) as Compiler

for (const compiled of modules) {
    test(`${compiled.what} is what its sources compile to`, async () => {
        const written = readFileSync(compiled.writtenTo, 'utf8')
        assert.equal(written, await binaryModule(compiled), 'Run npm run build:scanner.')
    })
}
