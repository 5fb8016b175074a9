// Loaded before a command: counts in all of its threads what they ask the system for, by Node's own calls of it, one each,
// whichever function of `node:fs` they come from. At the end it writes the counts, as JSON, to the file that
// COMPLOG_TEST_CALLS names.
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import workers from 'node:worker_threads'

const { Worker, getEnvironmentData, isMainThread, setEnvironmentData } = workers
const calls = process.binding('fs')
const names = Object.keys(calls).filter((name) => /^[a-z]/.test(name) && typeof calls[name] === 'function')
const key = 'complog-test-calls'
const counts = isMainThread
    ? new Int32Array(new SharedArrayBuffer(4 * names.length))
    : getEnvironmentData(key)

for (const [i, name] of names.entries()) {
    const call = calls[name]
    calls[name] = (...args) => {
        Atomics.add(counts, i, 1)
        return call.apply(calls, args)
    }
}
if (isMainThread) {
    setEnvironmentData(key, counts)
    workers.Worker = class extends Worker {
        constructor(file, options = {}) {
            const execArgv = [...(options.execArgv ?? process.execArgv), '--import', import.meta.url]
            super(file, { ...options, execArgv })
        }
    }
    syncBuiltinESMExports()
    process.on('exit', () => {
        const counted = JSON.stringify(Object.fromEntries(names.map((name, i) => [name, counts[i]])))
        fs.writeFileSync(process.env['COMPLOG_TEST_CALLS'], counted)
    })
}
