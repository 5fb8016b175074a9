// Entry of the app's own thread. It holds the app, works off requests in their order, and answers each once,
// until the app fails.

import { parentPort, workerData } from 'node:worker_threads'

import { type AppCalls, appCalls, type UnusableApp } from './app-calls.js'
import { evaluateApp, UnreadableScript } from './app-context.js'
import { AppMemory, collectGarbage, TooMuchMemory } from './app-memory.js'
import { applyBatch } from './batch.js'
import type { WorkerRequest, WorkerStart, WorkerValue } from './worker-protocol.js'
import { isOfInput, SharedProgress, type WorkerFailure, type WorkerReply } from './worker-protocol.js'

/** Characters of a message that anybody will read. */
const messageLengthMax = 10_000
/** Characters of a state of which the garbage is worth being looked for. */
const longStateMin = 16 * 1024 * 1024

const start = workerData as WorkerStart
const progress = new SharedProgress(start.shared)
const memory = new AppMemory(start.heapMebibytesMax)
let app: AppCalls | undefined
/** How the app failed, until it goes on from a state that was kept. */
let lastFailure: WorkerFailure | undefined
const ofKept: ReadonlySet<WorkerRequest['kind']> = new Set(['go-on-from-kept', 'serialize-kept'])
/** By the names that they were kept under. */
const kept = new Map<number, unknown>()
let leftGarbage = false

answer(() => {
    progress.enter('start')
    const calls = load()
    if ('kind' in calls) {
        send({ kind: 'failed', failure: calls })
        return undefined
    }
    app = calls
    memory.begin()
    return ''
})
// What permissions leave open: a report holds the environment of the whole process.
for (const name of ['report', 'kill', '_kill']) Reflect.deleteProperty(process, name)
// What becomes of an app's promises is nobody's business: nothing goes on when an answer was given. Without a
// listener Node would inspect the reason, which runs code of the app's with a function of Node's in its
// hands.
process.on('unhandledRejection', () => undefined)
parentPort?.on('message', (request: WorkerRequest) => {
    const calls = app
    // After a failure nothing more is done: the state is no longer what the log says.
    if (calls === undefined) return
    progress.beginCall()
    if (lastFailure !== undefined && !ofKept.has(request.kind)) send({ kind: 'failed', failure: lastFailure })
    else answer(() => work(calls, request))
})

function load(): AppCalls | UnusableApp {
    try {
        const { script, code, wantsLog } = start
        return appCalls(
            evaluateApp(script, {
                write: wantsLog ? sendLog : undefined,
                code: code && { made: code.made, onMade: (code) => send({ kind: 'code', code }) },
            }),
        )
    } catch (error) {
        if (!(error instanceof UnreadableScript)) throw error
        return { kind: 'malformed', message: `it is not JavaScript: ${error.message}` }
    }
}

function work(calls: AppCalls, request: WorkerRequest): WorkerValue {
    switch (request.kind) {
        case 'apply':
            return applyBatch(calls, { ...request.batch, separateStrings: memory.isKeepingMuch }, progress)
        case 'serialize':
            return serialized(calls, calls.state())
        case 'round-trip': {
            progress.enter('set-state')
            const state = calls.deserialize(request.state)
            progress.enter('serialize')
            return calls.serialize(state)
        }
        case 'keep':
            kept.set(request.name, calls.state())
            return memory.check()
        case 'forget':
            for (const name of request.names) kept.delete(name)
            return ''
        case 'serialize-kept':
            return serialized(calls, keptUnder(request.name))
        case 'go-on-from-kept':
            calls.goOnFrom(keptUnder(request.name))
            lastFailure = undefined
            return ''
    }
}

/** What an app makes on its way to a long state, V8 would keep while it makes as much for the next one. */
function serialized(calls: AppCalls, state: unknown): string {
    progress.enter('serialize')
    if (leftGarbage) collectGarbage()
    const text = calls.serialize(state)
    leftGarbage = text.length >= longStateMin
    return text
}

function keptUnder(name: number): unknown {
    // A state may be undefined, to JavaScript.
    if (!kept.has(name)) throw new Error(`no state was kept under ${name}`)
    return kept.get(name)
}

/** Sends what a step yields, or how it failed; a step that answered by itself yields undefined. */
function answer(step: () => WorkerValue | undefined): void {
    try {
        const value = step()
        if (value !== undefined) send({ kind: 'done', value, heapUsedBytes: memory.check() })
    } catch (error) {
        const kind = error instanceof TooMuchMemory ? 'out-of-memory' : 'threw'
        const failure: WorkerFailure = { kind, position: progress.read(), message: messageOf(error) }
        // What was kept is as it was: Elm's values never change.
        if (start.outlivesThrow && isOfInput(failure)) lastFailure = failure
        else app = undefined
        send({ kind: 'failed', failure })
    }
    progress.enter('idle')
}

function send(reply: WorkerReply): void {
    parentPort?.postMessage(reply)
}

function sendLog(text: string): void {
    progress.beforeLog(text)
    send({ kind: 'log', text })
}

/** The message of whatever the app threw; even asking for it may throw. */
function messageOf(error: unknown): string {
    try {
        const message =
            typeof error === 'object' && error !== null && 'message' in error ? error.message : error
        return String(message).slice(0, messageLengthMax)
    } catch {
        return 'something that has no message'
    }
}
