// A preload: the main thread never ends a loop from when it opens a path that holds the title of the process, as with an input that
// a reader goes round in. Says so on stderr before.
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { isMainThread } from 'node:worker_threads'

const nobody = new Int32Array(new SharedArrayBuffer(4))
// In the name of the process, since a second process gets arguments of Node, but not every variable.
const where = process.execArgv.find((word) => word.startsWith('--title='))?.slice('--title='.length)
for (const owner of [fs.promises, fs]) {
    for (const name of ['open', 'openSync']) {
        const original = owner[name]
        if (original === undefined || !isMainThread || where === undefined) continue
        owner[name] = function (path, ...rest) {
            if (String(path).includes(where)) {
                fs.writeSync(2, 'spinning\n')
                // What waits is as deaf as what works, and takes no processor from other tests.
                for (;;) Atomics.wait(nobody, 0, 0, 50)
            }
            return original.call(this, path, ...rest)
        }
    }
}
syncBuiltinESMExports()
