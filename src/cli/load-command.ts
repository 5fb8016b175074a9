// Loads a command of the bundle. V8 makes code of half a megabyte of text anew in each process, which takes
// longer than to check a small store. So what it has made of a command when that has run is kept in the cache
// (COMPLOG_CACHE_DIR, else the user's own), and given to it the next time.
import { readFileSync } from 'node:fs'
import Module, { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Script } from 'node:vm'

import {
    type CodeCache,
    cacheRoot,
    codeCacheOf,
    engine,
    makeFolders,
    pruneCache,
    sha256,
} from '../core/cache/kept-files.js'
import { exitCodes } from './exit-codes.js'

/** What a file beside this one exports, as `require` has it. */
export function loadCommand(name: string): unknown {
    const path = fileURLToPath(new URL(`./${name}.js`, import.meta.url))
    const require = createRequire(path)
    const root = cacheRoot(undefined)
    // As Node itself has it for code that it compiles.
    if (root === undefined || process.env['NODE_DISABLE_COMPILE_CACHE'] === '1') return require(path)
    const folder = join(root, 'commands')
    const text = readFileSync(path)
    // Code has the path in it, for the stacks of errors.
    const key = sha256(Buffer.from(JSON.stringify([path, sha256(text), ...engine()])))
    const cache = codeCacheOf(folder, key, [])
    const cachedData = cache.read()
    const script = new Script(Module.wrap(text.toString()), {
        filename: path,
        cachedData: cachedData && Buffer.from(cachedData.buffer, cachedData.byteOffset, cachedData.length),
    })
    if (cachedData === undefined || script.cachedDataRejected === true) keepAtEnd(script, cache, folder)
    const module = { exports: {} }
    const run = script.runInThisContext() as (...values: readonly unknown[]) => void
    run(module.exports, require, module, path, dirname(path))
    return module.exports
}

/** When it has run well: then the code also has the functions that were called. */
function keepAtEnd(script: Script, cache: CodeCache, folder: string): void {
    process.once('beforeExit', (exitCode) => {
        if (exitCode !== exitCodes.ok) return
        void makeFolders(folder, 0o700)
            .then(() => cache.write(script.createCachedData()))
            .then(() => pruneCache(folder))
            // A command must not fail for its cache.
            .catch(() => undefined)
    })
}
