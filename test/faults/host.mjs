// Appends records as a Kalmit host does: opens the file, appends one line, closes it. Says on stderr that it is ready, and
// on stdout each line once it is written.
//   node host.mjs FILE HEAD DELAY-MS PAUSE-MS
// Ends when stdin does. Each record names the one before; the first one names HEAD.
import { createHash } from 'node:crypto'
import { closeSync, openSync, writeSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'

const [file, head, delay, pause] = process.argv.slice(2)
let parent = head
let isRunning = true
const ended = new Promise((resolve) => process.stdin.on('end', resolve).on('error', resolve).resume())
void ended.then(() => (isRunning = false))
const wait = (milliseconds) => Promise.race([setTimeout(milliseconds, undefined, { ref: false }), ended])

process.stderr.write('ready\n')
await wait(Number(delay))
for (; isRunning; await wait(Number(pause))) {
    const line = JSON.stringify({
        ParentHashBase16: parent,
        AppendedEvents: [{ LiteralString: '{"addition":0}' }],
    })
    const descriptor = openSync(file, 'a')
    writeSync(descriptor, `${line}\n`)
    closeSync(descriptor)
    parent = createHash('sha256').update(line).digest('hex').toUpperCase()
    process.stdout.write(`${line}\n`)
}
