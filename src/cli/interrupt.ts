// Ctrl-C and SIGTERM end the work at its next safe boundary; a second one does not wait for that.
import { ComplogError } from '../core/errors.js'
import { endWithoutApp, isSecondProcess } from './second-process.js'

export interface Interrupt {
    readonly signal: AbortSignal
    /** Gives the signals back to the process. */
    release(): void
}

export function listenForInterrupt(): Interrupt {
    const controller = new AbortController()
    let signals = 0
    const onSignal = (name: NodeJS.Signals) => {
        signals += 1
        if (controller.signal.aborted) process.exit(130)
        controller.abort(new ComplogError('interrupted', `Interrupted (${name}).`))
    }
    process.on('SIGINT', onSignal)
    process.on('SIGTERM', onSignal)
    const stopFollowing = isSecondProcess() ? followFirstProcess(onSignal, () => signals) : undefined
    return {
        signal: controller.signal,
        release: () => {
            process.off('SIGINT', onSignal)
            process.off('SIGTERM', onSignal)
            stopFollowing?.()
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

/** A terminal sends its signals to both processes, so what the first one hands on may have come already. */
const sameSignalMilliseconds = 100

/** The first process hands on its signals, and without it nothing goes on. */
function followFirstProcess(onSignal: (name: NodeJS.Signals) => void, signals: () => number): () => void {
    let handedOn = 0
    const onMessage = (message: unknown): void => {
        const { signal } = message as { readonly signal: NodeJS.Signals }
        handedOn += 1
        const number = handedOn
        setTimeout(() => {
            if (signals() < number) onSignal(signal)
        }, sameSignalMilliseconds)
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
