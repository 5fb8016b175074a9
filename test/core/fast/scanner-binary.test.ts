// The binaries that are kept with the sources are what those compile to.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'

interface Compiled {
    readonly what: string
    readonly writtenTo: string
}

interface Compiler {
    readonly modules: readonly Compiled[]
    readonly binaryModule: (compiled: Compiled) => Promise<string>
}

const path = new URL('../../../src/core/fast/wasm/compile.js', import.meta.url).href
const { modules, binaryModule } = (await import(path)) as Compiler

for (const compiled of modules) {
    test(`${compiled.what} is what its sources compile to`, async () => {
        const written = readFileSync(compiled.writtenTo, 'utf8')
        assert.equal(written, await binaryModule(compiled), 'Run npm run build:scanner.')
    })
}
