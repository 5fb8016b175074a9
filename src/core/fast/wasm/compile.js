// Compiles the scanner and writes it down as a module of TypeScript. That file is kept with the sources, so
// that they run and type-check as they stand; a test compiles it again and compares. `npm run build:scanner`
// writes it anew.
import { Buffer } from 'node:buffer'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import asc from 'assemblyscript/asc'

const options = ['-O3', '--runtime', 'stub', '--noAssert', '--enable', 'simd']
const pathOf = (path) => fileURLToPath(new URL(path, import.meta.url))

const source = pathOf('scanner.ts')
export const writtenTo = pathOf('../scanner/scanner-binary.ts')

/** The text of the module of TypeScript that holds the binary. */
export async function binaryModule() {
    let binary
    const { error, stderr } = await asc.main([source, ...options, '--outFile', 'module.wasm'], {
        writeFile: (path, contents) => {
            if (path.endsWith('module.wasm')) binary = contents
        },
    })
    if (error !== null || binary === undefined)
        throw new Error(`${source} does not compile: ${stderr.toString()}`)
    // On one line, as nobody reads it: it is written anew as a whole.
    return `// Written by ../wasm/compile.js from the sources beside it: the scanner as WebAssembly, in base64.
export const scannerBinary =
    '${Buffer.from(binary).toString('base64')}'
`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(writtenTo, await binaryModule())
