// Makes dist/bundle/ of the sources: the same code as in dist/, but each command in one file, with what it
// needs and nothing else. Node takes longer to find, read and link a hundred small files than to run what is
// in them. CommonJS, because Node starts that faster, and Node 20 does so without a compile cache.
//   node scripts/bundle.js
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'

import { build } from 'esbuild'

const folder = 'dist/bundle'

const commands = readdirSync('src/commands').map((name) => `src/commands/${name}`)
const threads = [
    'src/core/fast/threads/helper.ts',
    'src/core/elm-app/thread/app-worker.ts',
    'src/core/condition/condition-worker.ts',
]

/**
 * What oclif's parser of command lines loads for help, for printing errors and for debugging: not called from
 * here.
 */
const uncalled =
    /[\\/]@oclif[\\/]core[\\/]lib[\\/](?:help[\\/]index|errors[\\/](?:handle|errors[\\/]pretty-print)|parser[\\/]help|logger)\.js$/
/** Shortens the home in stacks of errors, and fails as it is loaded where the user has none. */
const ofStacks = /node_modules[\\/]clean-stack[\\/]index\.js$/
/** Takes as long to make as a small store to check. */
const atOnce = 'const segmenter = new Intl.Segmenter();'
const whenAsked =
    'let made; const segmenter = { segment: (text) => (made ??= new Intl.Segmenter()).segment(text) };'
/** Nearly all texts are plain, and each character of those takes a column. */
const summingUp = 'let width = 0;'
const unlessPlain = `if (/^[ -~…]*$/.test(string)) return string.length; ${summingUp}`
const widthOfPlainText = {
    name: 'width-of-plain-text',
    setup({ onLoad }) {
        onLoad({ filter: /node_modules[\\/]string-width[\\/]index\.js$/ }, ({ path }) => ({
            contents: readFileSync(path, 'utf8').replace(atOnce, whenAsked).replace(summingUp, unlessPlain),
        }))
    },
}
const leaveOutUncalled = {
    name: 'leave-out-uncalled',
    setup({ onLoad, onResolve }) {
        onLoad({ filter: uncalled }, () => ({ contents: '' }))
        onLoad({ filter: ofStacks }, () => ({ contents: 'module.exports = (stack) => stack' }))
        onLoad({ filter: /./, namespace: 'left-out' }, () => ({ contents: '' }))
        onResolve({ filter: /^wrap-ansi$/ }, ({ path, importer }) =>
            importer.includes('@oclif') ? { path, namespace: 'left-out' } : undefined,
        )
    },
}

rmSync(folder, { recursive: true, force: true })
const { metafile } = await build({
    // All beside each other: a thread's file is looked for beside the file that starts it.
    entryPoints: Object.fromEntries(
        ['src/start.ts', 'src/cli/load-command.ts', ...threads, ...commands].map((path) => [
            nameOf(path),
            path,
        ]),
    ),
    outdir: folder,
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    // Large, wanted seldom, or no JavaScript.
    external: [
        '@inquirer/confirm',
        'elm',
        'fs-native-extensions',
        'mime-types',
        'ora',
        'pino',
        'prom-client',
        'yauzl',
    ],
    plugins: [leaveOutUncalled, widthOfPlainText],
    define: { 'import.meta.url': 'fileUrl', 'import.meta.resolve': 'undefined' },
    // Strict, as modules are: to a function of the app's, one of ours that is not strict would show itself as
    // its caller.
    banner: { js: `'use strict'; const fileUrl = require('node:url').pathToFileURL(__filename).href` },
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
})
// Node does not answer `import()` in code that V8 has from a cache. So a file does that which is never kept
// there.
writeFileSync(`${folder}/import.js`, "'use strict'\nmodule.exports = (name) => import(name)\n")
for (const path of Object.keys(metafile.outputs)) {
    const text = readFileSync(path, 'utf8').replaceAll(/\bimport\((?=")/g, 'require("./import.js")(')
    writeFileSync(path, text.replaceAll(/[^\0-\x7f]/g, escaped))
}
writeFileSync(`${folder}/package.json`, '{ "type": "commonjs" }\n')
writeFileSync(`${folder}/LICENSES.txt`, licenses(Object.keys(metafile.inputs)))

/**
 * For what esbuild leaves in regular expressions alone. V8 reads a text with other than plain characters
 * slower, and holds two bytes for each that is in it.
 */
function escaped(character) {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

function nameOf(path) {
    return path.replace(/^.*\/|\.ts$/g, '')
}

/** What the authors of the packages in the bundle ask to be told with it. */
function licenses(files) {
    const packages = new Set(
        files.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []),
    )
    const texts = [...packages].sort().map((path) => {
        const { name, version, license } = JSON.parse(readFileSync(`${path}/package.json`, 'utf8'))
        const file = readdirSync(path).find((entry) => /^licen[cs]e/i.test(entry))
        const text = file === undefined ? `License: ${license}` : readFileSync(`${path}/${file}`, 'utf8')
        return `${name} ${version}\n\n${text.trim()}\n`
    })
    return texts.join(`\n${'-'.repeat(80)}\n\n`)
}
