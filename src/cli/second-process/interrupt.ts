// Ctrl-C and SIGTERM end the work at its next safe boundary; a later one does not wait for that.
import { ComplogError } from '../../core/errors.js'
import { endWithoutApp, isSecondProcess } from './second-process.js'

/**
 * What comes this soon behind a signal is that signal once more: `timeout` sends its own to the command and
 * then to its group, a terminal sends to both processes of a command, and the first of them hands on what it
 * gets.
 */
const sameSignalMilliseconds = 1000

export interface Interrupt {
    readonly signal: AbortSignal
    /** The work is done: no signal changes any more how it ended, unless the process then does not end. */
    release(): void
}

export function listenForInterrupt(): Interrupt {
    const controller = new AbortController()
    let stopFollowing: (() => void) | undefined
    const signals = onSignals((name) => {
        controller.abort(new ComplogError('interrupted', `Interrupted (${name}).`))
    })
    if (isSecondProcess()) stopFollowing = followFirstProcess(signals.onSignal)
    return {
        signal: controller.signal,
        release: () => {
            signals.release()
            stopFollowing?.()
        },
    }
}

interface Signals {
    /** A signal that came in another way. */
    readonly onSignal: (name: NodeJS.Signals) => void
    release(): void
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
    return {
        onSignal,
        release: () => {
            sameUntil = performance.now() + sameSignalMilliseconds
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
        onSignal((message as { readonly signal: NodeJS.Signals }).signal)
    }
    const onDisconnect = (): void => onSignal('SIGTERM')
    process.on('message', onMessage)
    process.on('disconnect', onDisconnect)
    endWithoutApp()
    // What is only listened to must not keep the process alive.
    process.channel?.unref()
    if (!process.connected) onDisconnect()
    return () => {
        process.off('message', onMessage)
        process.off('disconnect', onDisconnect)
    }
}
