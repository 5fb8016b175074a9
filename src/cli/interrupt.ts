// Ctrl-C and SIGTERM end the work at its next safe boundary; a second one does not wait for that.
import { ComplogError } from '../core/errors.js'

export interface Interrupt {
    readonly signal: AbortSignal
    /** Gives the signals back to the process. */
    release(): void
}

export function listenForInterrupt(): Interrupt {
    const controller = new AbortController()
    const onSignal = (name: NodeJS.Signals) => {
        if (controller.signal.aborted) process.exit(130)
        controller.abort(new ComplogError('interrupted', `Interrupted (${name}).`))
    }
    process.on('SIGINT', onSignal)
    process.on('SIGTERM', onSignal)
    return {
        signal: controller.signal,
        release: () => {
            process.off('SIGINT', onSignal)
            process.off('SIGTERM', onSignal)
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
