// The binary that is kept with the sources is the one that they compile to.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'

interface Compiler {
    readonly writtenTo: string
    readonly scannerModule: () => Promise<string>
}

test('the scanner is what its sources compile to', async () => {
    const path = new URL('../../../src/core/fast/wasm/compile.js', import.meta.url).href
    const { scannerModule, writtenTo } = (await import(path)) as Compiler
    assert.equal(readFileSync(writtenTo, 'utf8'), await scannerModule(), 'Run npm run build:scanner.')
})
