// Compiles the two modules and writes each down as a module of TypeScript. Those files are kept with the sources, so that
// they run and type-check as they stand; a test compiles them again and compares. `npm run build:scanner` writes them anew.
import { Buffer } from 'node:buffer'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import asc from 'assemblyscript/asc'

const common = ['-O3', '--runtime', 'stub', '--noAssert', '--enable', 'simd']
const pathOf = (path) => fileURLToPath(new URL(path, import.meta.url))

export const modules = [
    {
        source: pathOf('scanner.ts'),
        options: [],
        writtenTo: pathOf('../pieces/scanner-binary.ts'),
        name: 'scannerBinary',
        what: 'the scanner',
    },
    {
        source: pathOf('rows/rows.ts'),
        // All threads work on one memory, which TypeScript makes.
        options: ['--enable', 'threads', '--importMemory', '--sharedMemory', '--maximumMemory', '65536'],
        writtenTo: pathOf('../shuffled/row-binary.ts'),
        name: 'rowBinary',
        what: 'the work on rows',
    },
]

/** The text of the module of TypeScript that holds the binary. */
export async function binaryModule({ source, options, name, what }) {
    let binary
    const { error, stderr } = await asc.main([source, ...common, ...options, '--outFile', 'module.wasm'], {
        writeFile: (path, contents) => {
            if (path.endsWith('module.wasm')) binary = contents
        },
    })
    if (error !== null || binary === undefined)
        throw new Error(`${source} does not compile: ${stderr.toString()}`)
    const lines =
        Buffer.from(binary)
            .toString('base64')
            .match(/.{1,100}/g) ?? []
    return `// Written by wasm/compile.js from the sources beside it: ${what} as WebAssembly, in base64.
export const ${name} =
${lines.map((line) => `    '${line}'`).join(' +\n')}
`
}

if (process.argv[1] === fileURLToPath(import.meta.url))
    for (const module of modules) writeFileSync(module.writtenTo, await binaryModule(module))
