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
