// Whatever can happen to a thread ends in one of three ways: it says something, the app in it failed, or it
// is of no more use. Node's events and error codes stay in here.
import { Worker, type WorkerOptions } from 'node:worker_threads'

import { atLimit, type ComplogError, limitCodes } from '../../errors.js'
import { workerExtension, workerFlags } from '../../worker-flags.js'
import type { AppFailureKind } from './app-failure.js'
import { packageFolder, threadPermissions } from './thread-permissions.js'
import type { WorkerReply, WorkerStart } from './worker-protocol.js'

export interface AppThreadEvents {
    onReply(reply: WorkerReply): void
    /** The app brought its thread down. */
    onFailure(kind: AppFailureKind, reason: string): void
    /** The thread cannot be talked to, for a reason that is not the app's. */
    onTrouble(error: Error): void
}

/**
 * Starts the app's thread, with a heap of its own and nothing of the process's environment.
 * @throws ComplogError `file-system` where the system allows no further thread
 */
export function startAppThread(start: WorkerStart, events: AppThreadEvents): Worker {
    const { heapMebibytesMax } = start
    const worker = newWorker({
        name: 'app',
        env: {},
        execArgv: appThreadFlags(),
        workerData: start,
        resourceLimits: { maxOldGenerationSizeMb: heapMebibytesMax },
        // Taken and never read, so that nothing the thread writes mixes with the caller's own output.
        stdout: true,
        stderr: true,
    })
    worker.on('message', (reply: WorkerReply) => events.onReply(reply))
    worker.on('messageerror', (error) => events.onTrouble(error))
    worker.on('error', (error: Error & { readonly code?: unknown }) => {
        if (error.code === cannotStart || isOfOwnFiles(error)) {
            events.onTrouble(refused(error))
        } else if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') {
            events.onFailure('out-of-memory', `its heap grew beyond ${heapMebibytesMax} MiB`)
        } else {
            events.onFailure('threw', error.message)
        }
    })
    worker.on('exit', (code) => events.onFailure('threw', `its thread ended by itself (code ${code})`))
    return worker
}

/** What Node says where the system gives no thread, or not the files that one needs. */
const cannotStart = 'ERR_WORKER_INIT_FAILED'

/** A limit keeps the thread from loading what it runs: an app that fails says nothing of these files. */
function isOfOwnFiles({ code, message }: Error & { readonly code?: unknown }): boolean {
    return limitCodes.some((name) => name === code) && message.includes(packageFolder())
}

function newWorker(options: WorkerOptions): Worker {
    try {
        return new Worker(workerFile, options)
    } catch (error) {
        if ((error as { readonly code?: unknown }).code === cannotStart) throw refused(error as Error)
        throw error
    }
}

function refused(cause: Error): ComplogError {
    const code = limitCodes.find((name) => cause.message.includes(name))
    return atLimit('start a thread for the app', code ?? cause.message, cause)
}

/** V8 has loops that cannot be interrupted, such as indexOf in an endless length: nobody waits for them. */
const endingMilliseconds = 1000

/** Ends a thread, and waits until it has ended, or until it is plain that it will not. */
export async function ended(thread: Worker): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const patience = new Promise((resolve) => {
        timer = setTimeout(resolve, endingMilliseconds)
    })
    await Promise.race([thread.terminate(), patience])
    clearTimeout(timer)
}

// The file that the app's own thread starts from, and the flags that it starts with.

const workerFile = new URL(`./app-worker${workerExtension}`, import.meta.url)

/** Node flags for the app's thread. From the sources it has all permissions, which their translator needs. */
function appThreadFlags(): string[] {
    // A warning that nobody reads, such as the one that permissions are an experiment, would keep the process
    // alive.
    return workerExtension === '.js' ? [...threadPermissions(), '--no-warnings'] : workerFlags()
}
