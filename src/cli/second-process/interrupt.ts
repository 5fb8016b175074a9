// Ctrl-C and SIGTERM. Where there is nothing to finish and nothing to clear away, they end the process as the
// kernel does by default, whatever its thread is at. Elsewhere the work ends at its next safe boundary, a
// later signal does not wait for that, and a thread that hears none is not waited for either.
import { Worker } from 'node:worker_threads'

import { ComplogError } from '../../core/errors.js'
import { endWithoutApp, isSecondProcess } from './second-process.js'

/**
 * What comes this soon behind a signal is that signal once more: `timeout` sends its own to the command and
 * then to its group, a terminal sends to both processes of a command, and the first of them hands on what it
 * gets.
 */
const sameSignalMilliseconds = 1000

/** How long a thread may be at something else when a signal comes. */
export const deafMilliseconds = 5000

export class Interrupt {
    readonly #controller = new AbortController()
    #holds = 0
    #isDone = false
    #signals: Signals | undefined
    readonly #stopFollowing: (() => void) | undefined

    constructor() {
        if (isSecondProcess()) this.#stopFollowing = followFirstProcess((name) => this.#onMessage(name))
    }

    /** Given with the first signal that comes while something is held. */
    get signal(): AbortSignal {
        return this.#controller.signal
    }

    /**
     * From now on, and until what it returns is called, there is something to finish or to clear away:
     * signals end the work through `signal`.
     */
    readonly hold = (): (() => void) => {
        this.#holds += 1
        this.#signals ??= onSignals((name) =>
            this.#controller.abort(new ComplogError('interrupted', `Interrupted (${name}).`)),
        )
        let isHeld = true
        return () => {
            if (!isHeld) return
            isHeld = false
            this.#holds -= 1
            if (this.#holds > 0 || this.#isDone) return
            this.#signals?.stop()
            this.#signals = undefined
        }
    }

    /** The work is done: no signal changes any more how it ended, unless the process then does not end. */
    release(): void {
        this.#isDone = true
        this.#signals?.release()
        this.#stopFollowing?.()
    }

    #onMessage(name: NodeJS.Signals): void {
        if (this.#signals) this.#signals.onSignal(name)
        else process.kill(process.pid, name)
    }
}

interface Signals {
    /** A signal that came in another way. */
    readonly onSignal: (name: NodeJS.Signals) => void
    release(): void
    /** Leaves signals to the kernel again. */
    stop(): void
}

/**
 * Listens for SIGINT and SIGTERM from now on.
 * @param onFirst called with the first; a later one ends the process, and so does one that comes long after
 * the release
 */
function onSignals(onFirst: (name: NodeJS.Signals) => void): Signals {
    let sameUntil: number | undefined
    const onSignal = (name: NodeJS.Signals) => {
        if (sameUntil !== undefined && performance.now() >= sameUntil) process.exit(130)
        if (sameUntil !== undefined) return
        sameUntil = performance.now() + sameSignalMilliseconds
        onFirst(name)
    }
    process.on('SIGINT', onSignal)
    process.on('SIGTERM', onSignal)
    const stopWatching = watchThisThread({ signals: [2, 15] })
    return {
        onSignal,
        release: () => {
            sameUntil = performance.now() + sameSignalMilliseconds
        },
        stop: () => {
            stopWatching()
            process.off('SIGINT', onSignal)
            process.off('SIGTERM', onSignal)
        },
    }
}

/** Hands each signal on to the second process, until that is done; then as `Interrupt.release`. */
export function forwardSignals(forward: (name: NodeJS.Signals) => void): Pick<Interrupt, 'release'> {
    const names = ['SIGINT', 'SIGTERM'] as const
    for (const name of names) process.on(name, forward)
    return {
        release: () => {
            onSignals(() => undefined).release()
            for (const name of names) process.off(name, forward)
        },
    }
}

/** Follows a signal until what it would interrupt is over: what comes then has an end of its own. */
export function signalUntil(signal: AbortSignal | undefined, isOver: () => boolean): AbortSignal {
    const controller = new AbortController()
    const follow = () => {
        if (!isOver()) controller.abort(signal?.reason)
    }
    if (signal?.aborted === true) follow()
    else signal?.addEventListener('abort', follow, { once: true })
    return controller.signal
}

/** The first process hands on its signals, and without it nothing goes on. */
function followFirstProcess(onSignal: (name: NodeJS.Signals) => void): () => void {
    const onMessage = (message: unknown): void => {
        const { signal } = message as { readonly signal: NodeJS.Signals }
        // The first process waits for this: a process that is deaf must not stay.
        if (process.connected) process.send?.({ heard: signal })
        onSignal(signal)
    }
    const onDisconnect = (): void => onSignal('SIGTERM')
    process.on('message', onMessage)
    process.on('disconnect', onDisconnect)
    endWithoutApp()
    const stopWatching = watchThisThread({ parent: process.ppid })
    // What is only listened to must not keep the process alive.
    process.channel?.unref()
    if (!process.connected) onDisconnect()
    return () => {
        stopWatching()
        process.off('message', onMessage)
        process.off('disconnect', onDisconnect)
    }
}

/**
 * Runs in a thread of its own, which hears of a signal, or that the parent has ended, at the same time as the
 * main thread. Then it asks the main thread whether it hears anything, and kills the process where no answer
 * comes. Node lets only the main thread listen by its public interface: the other one is `process.binding`
 * until Node 22, and since 24 what Node has for its own tests. Where a version lacks both, nobody watches.
 */
const watchdog = `
const { parentPort, workerData } = require('node:worker_threads')
const { signals = [], parent, deafMilliseconds } = workerData
let waiting
const ask = () => {
    if (waiting !== undefined) return
    waiting = setTimeout(() => process.kill(process.pid, 'SIGKILL'), deafMilliseconds)
    parentPort.postMessage('?')
}
parentPort.on('message', () => {
    clearTimeout(waiting)
    waiting = undefined
})
if (parent !== undefined) setInterval(() => process.ppid === parent || ask(), 1000)
if (signals.length > 0) {
    process.noDeprecation = true
    let wrap
    try {
        wrap = process.binding('signal_wrap')
    } catch {
        wrap = require('internal/test/binding').internalBinding('signal_wrap')
    }
    for (const number of signals) {
        const listener = new wrap.Signal()
        listener.onsignal = ask
        listener.start(number)
    }
}`

/** Kills this process where its main thread is deaf for some seconds; until what it returns is called. */
function watchThisThread(of: { readonly signals?: readonly number[]; readonly parent?: number }): () => void {
    let worker: Worker
    try {
        worker = new Worker(watchdog, {
            eval: true,
            workerData: { ...of, deafMilliseconds },
            execArgv: of.signals === undefined ? [] : ['--expose-internals', '--no-warnings'],
            stdin: false,
        })
    } catch {
        // Of a flag that a version does not know, Node says so here.
        return () => undefined
    }
    worker.on('message', () => worker.postMessage('!'))
    worker.on('error', () => undefined)
    worker.unref()
    return () => void worker.terminate()
}
