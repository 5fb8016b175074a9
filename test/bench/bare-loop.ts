// What a restore is measured against: the same compiled app, called in a plain loop with its events already in memory.
// Prints the milliseconds of the loop. Arguments: folder of the app, Elm home, log file.
import { readFileSync } from 'node:fs'

import { isProblem, parseRecord } from '../../src/core/composition/record.js'
import { compileApp } from '../../src/core/elm-app/compile/compile.js'
import { publishFunctions } from '../../src/core/elm-app/compile/publish.js'
import { readAppSource } from '../../src/core/elm-app/source/app-source.js'
import { appCalls } from '../../src/core/elm-app/thread/app-calls.js'
import { evaluateApp } from '../../src/core/elm-app/thread/app-context.js'

const [appPath = '', elmHome = '', logFile = ''] = process.argv.slice(2)

const source = await readAppSource(appPath, undefined)
if (source.kind === 'script') throw new Error('The bare loop compiles its app.')
const { bytes } = await compileApp(source, {
    elmHome: { path: elmHome, mustExist: true },
    signal: undefined,
})
const script = publishFunctions(Buffer.from(bytes).toString('utf8'), source.map.functions)
const app = appCalls(evaluateApp(script))
if ('kind' in app) throw new Error('The app cannot be used.')

const events: string[] = []
const log = readFileSync(logFile)
for (let start = 0; start < log.length; ) {
    const end = log.indexOf(0x0a, start)
    const record = parseRecord(log.subarray(start, end))
    if (isProblem(record)) throw new Error(record.message)
    // Strings of their own, not slices of a larger one.
    for (const event of record.events) events.push(Buffer.from(event).toString('utf8'))
    start = end + 1
}

const begin = performance.now()
for (const event of events) app.processEvent(event)
process.stdout.write(String(performance.now() - begin))
