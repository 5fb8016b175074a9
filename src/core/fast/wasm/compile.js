// Compiles the scanner and writes it down as a module of TypeScript. That file is kept with the sources, so
// that they run and type-check as they stand, and says what it was compiled from. Tests compare that, and
// where they are whole compile it again. `npm run build:scanner` writes it anew.
import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const options = ['-O3', '--runtime', 'stub', '--noAssert', '--enable', 'simd']
const pathOf = (path) => fileURLToPath(new URL(path, import.meta.url))

const source = pathOf('scanner.ts')
export const writtenTo = pathOf('../scanner/scanner-binary.ts')

/** The text of the module of TypeScript that holds the binary. */
export async function binaryModule() {
    // Takes a second to load.
    const { default: asc } = await import('assemblyscript/asc')
    let binary
    const { error, stderr } = await asc.main([source, ...options, '--outFile', 'module.wasm'], {
        writeFile: (path, contents) => {
            if (path.endsWith('module.wasm')) binary = contents
        },
    })
    if (error !== null || binary === undefined)
        throw new Error(`${source} does not compile: ${stderr.toString()}`)
    return moduleOf(Buffer.from(binary).toString('base64'))
}

/** The text of the module that holds this binary, where it comes from the sources as they are now. */
export function moduleOf(base64) {
    const { version } = createRequire(import.meta.url)('assemblyscript/package.json')
    const hash = createHash('sha256').update(JSON.stringify([version, options, base64]))
    const folder = pathOf('.')
    for (const name of readdirSync(folder)
        .filter((each) => each.endsWith('.ts'))
        .sort())
        hash.update(JSON.stringify([name, readFileSync(folder + name, 'utf8')]))
    // On one line, as nobody reads it: it is written anew as a whole.
    return `// Written by ../wasm/compile.js from the sources beside it: the scanner as WebAssembly, in base64.
// SHA-256 of this and what it comes from: ${hash.digest('hex')}
export const scannerBinary =
    '${base64}'
`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(writtenTo, await binaryModule())
