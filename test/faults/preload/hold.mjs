// Holds a command before the first call that changes something, until a tracer is attached to it: so the tracer counts
// from there, and the start of Node, which opens hundreds of files, is neither slowed down nor counted.
import { Buffer } from 'node:buffer'
import crypto from 'node:crypto'
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { isMainThread } from 'node:worker_threads'

// By default it is held where it has its lock and begins to work; COMPLOG_TEST_HOLD=lock holds it before the lock, and a
// number before that call of those that change something, from 1.
const wanted = process.env['COMPLOG_TEST_HOLD']
const isEarly = wanted === 'lock'
let before = Number(wanted) || 1
const changing = ['copyFile', 'link', 'open', 'rename', 'rm', 'rmdir', 'symlink', 'unlink', 'writeFile']
const toTracer = 3
const fromTracer = 4
const toPool = 5
const systemCallOfRead = { x64: 0, arm64: 63 }[process.arch]

if (isMainThread) {
    // Temporary files have the same names in every run, so that a fault can be tied to a file.
    let names = 0
    crypto.randomBytes = (sizeBytes) => Buffer.from(String(++names).padStart(sizeBytes, '0'))
    for (const name of changing) hold(fs.promises, name)
    for (const name of ['openSync', 'renameSync']) hold(fs, name)
    if (isEarly) hold(fs.promises, 'mkdir')
    syncBuiltinESMExports()
}

let isHeld = true

function hold(object, name) {
    const original = object[name]
    object[name] = (...args) => {
        const isReading = name.startsWith('open') && [undefined, 'r', fs.constants.O_RDWR].includes(args[1])
        // A lock is opened by flags in numbers.
        const isOfLock = name === 'openSync' && !isEarly && typeof args[1] === 'number'
        if (isHeld && !isReading && !isOfLock && --before === 0) {
            isHeld = false
            fs.writeSync(toTracer, `held ${poolThread()}\n`)
            fs.readSync(fromTracer, new Uint8Array(1))
        }
        return original.apply(object, args)
    }
}

/**
 * The thread that does what is asynchronous, of which there is one (UV_THREADPOOL_SIZE): it is given something to read
 * that does not come before the command goes on, and is the one that waits for it.
 */
function poolThread() {
    // Only there it can be asked for, and traced.
    if (process.platform !== 'linux') return 0
    fs.read(toPool, new Uint8Array(1), 0, 1, null, () => fs.closeSync(toPool))
    const waiting = new RegExp(`^${systemCallOfRead} 0x${toPool.toString(16)} `)
    for (;;) {
        for (const thread of fs.readdirSync('/proc/self/task')) {
            if (waiting.test(fs.readFileSync(`/proc/self/task/${thread}/syscall`, 'utf8'))) return thread
        }
    }
}
