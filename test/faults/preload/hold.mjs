// Holds a command before the first call that changes something, until a tracer is attached to it: so the tracer counts
// from there, and the start of Node, which opens hundreds of files, is neither slowed down nor counted.
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { isMainThread } from 'node:worker_threads'

// By default it is held where it has its lock and begins to work; COMPLOG_TEST_HOLD=lock holds it before the lock.
const isEarly = process.env['COMPLOG_TEST_HOLD'] === 'lock'
const changing = ['copyFile', 'link', 'open', 'rename', 'rm', 'rmdir', 'symlink', 'unlink', 'writeFile']
const toTracer = 3
const fromTracer = 4

if (isMainThread) {
    for (const name of changing) hold(fs.promises, name)
    if (isEarly) {
        hold(fs.promises, 'mkdir')
        hold(fs, 'openSync')
    }
    syncBuiltinESMExports()
}

let isHeld = true

function hold(object, name) {
    const original = object[name]
    object[name] = (...args) => {
        const isReading = name.startsWith('open') && [undefined, 'r', fs.constants.O_RDWR].includes(args[1])
        if (isHeld && !isReading) {
            isHeld = false
            fs.writeSync(toTracer, 'held')
            fs.readSync(fromTracer, new Uint8Array(1))
        }
        return original.apply(object, args)
    }
}
