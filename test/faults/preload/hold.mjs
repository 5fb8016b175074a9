// Holds a command before the first call that changes something, until a tracer is attached to it: so the tracer counts
// from there, and the start of Node, which opens hundreds of files, is neither slowed down nor counted.
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { isMainThread } from 'node:worker_threads'

const changing = [
    'copyFile',
    'link',
    'mkdir',
    'open',
    'rename',
    'rm',
    'rmdir',
    'symlink',
    'unlink',
    'writeFile',
]
const toTracer = 3
const fromTracer = 4

if (isMainThread) {
    for (const name of changing) {
        hold(fs.promises, name)
        hold(fs, `${name}Sync`)
    }
    syncBuiltinESMExports()
}

let isHeld = true

function hold(object, name) {
    const original = object[name]
    object[name] = (...args) => {
        const isReading = name.startsWith('open') && (args[1] === undefined || args[1] === 'r')
        if (isHeld && !isReading) {
            isHeld = false
            fs.writeSync(toTracer, 'held')
            fs.readSync(fromTracer, new Uint8Array(1))
        }
        return original.apply(object, args)
    }
}
