// All that the caller's thread and the app's thread say to each other stands here, but for how inputs lie in
// shared memory: that is in ../../packed-inputs.ts, since whoever reads a log puts them there.

import type { UnusableApp } from './app-calls.js'
import type { AppPhase } from './app-failure.js'
import type { BatchResult, InputBatch, PackedBatch } from './instance.js'

/** What the thread starts with, as its workerData. */
export interface WorkerStart {
    /** The script with its publish statement. */
    readonly script: string
    /** V8's code of it, where that was made before. Absent: nobody wants it made. */
    readonly code: { readonly made: Uint8Array | undefined } | undefined
    /** Whether the app's Debug.log lines are wanted. */
    readonly wantsLog: boolean
    /** What the app may hold in ArrayBuffers. */
    readonly heapMebibytesMax: number
    /** Whether it works on where the app threw on an input, from a state that was kept. */
    readonly outlivesThrow: boolean
    readonly shared: SharedArrayBuffer
}

export type WorkerRequest =
    | { readonly kind: 'apply'; readonly batch: InputBatch | PackedBatch }
    | { readonly kind: 'serialize' }
    | { readonly kind: 'round-trip'; readonly state: string }
    | { readonly kind: 'keep'; readonly name: number }
    | { readonly kind: 'forget'; readonly names: readonly number[] }
    | { readonly kind: 'serialize-kept'; readonly name: number }
    | { readonly kind: 'go-on-from-kept'; readonly name: number }

/** What a request is answered with: what came of a batch, a text, bytes of heap; nothing as an empty text. */
export type WorkerValue = BatchResult | string | number

export type WorkerReply =
    | { readonly kind: 'log'; readonly text: string }
    | { readonly kind: 'code'; readonly code: Uint8Array }
    | { readonly kind: 'done'; readonly value: WorkerValue; readonly heapUsedBytes: number }
    | { readonly kind: 'failed'; readonly failure: WorkerFailure }

export type WorkerFailure =
    | UnusableApp
    | {
          readonly kind: 'threw' | 'out-of-memory'
          readonly position: Position
          readonly message: string
      }

/** Whether the app threw on an input: nothing else has come of that. */
export function isOfInput(failure: WorkerFailure): failure is Exclude<WorkerFailure, UnusableApp> {
    return failure.kind === 'threw' && failure.position.inputIndex >= 0
}

/** What the app's thread is at. Two readings that are alike were taken within one and the same step. */
export interface Position {
    /** Counts the calls, the start being 0. */
    readonly call: number
    readonly phase: AppPhase | 'idle'
    /** Index into the batch's inputs, or -1 outside of a batch. */
    readonly inputIndex: number
}

const phases: readonly Position['phase'][] = ['idle', 'start', 'event', 'set-state', 'serialize']

const callSlot = 0
const phaseSlot = 1
const inputIndexSlot = 2
const logSentSlot = 3
const logTakenSlot = 4
const slots = 5

/** Characters of log that may wait for the caller's thread: a loop that logs must not fill its memory. */
const logWaitingMax = 4 * 1024 * 1024

/** What a line costs beside its characters. */
const logLineCost = 200

/** What both threads see at once, for the moments when the app's thread cannot answer. */
export class SharedProgress {
    readonly buffer: SharedArrayBuffer
    readonly #slots: Int32Array
    /** The phase entered last, for the app's thread. */
    #phase: Position['phase'] = 'idle'

    constructor(buffer = new SharedArrayBuffer(slots * Int32Array.BYTES_PER_ELEMENT)) {
        this.buffer = buffer
        this.#slots = new Int32Array(buffer)
    }

    /** App's thread: another call begins. */
    beginCall(): void {
        Atomics.add(this.#slots, callSlot, 1)
    }

    /** App's thread: it enters a step. */
    enter(phase: Position['phase'], inputIndex = -1): void {
        Atomics.store(this.#slots, inputIndexSlot, inputIndex)
        if (phase === this.#phase) return
        this.#phase = phase
        Atomics.store(this.#slots, phaseSlot, phases.indexOf(phase))
    }

    read(): Position {
        const phase = phases[Atomics.load(this.#slots, phaseSlot)] ?? 'idle'
        return {
            call: Atomics.load(this.#slots, callSlot),
            phase,
            inputIndex: phase === 'idle' ? -1 : Atomics.load(this.#slots, inputIndexSlot),
        }
    }

    /** App's thread: before it sends a log line; waits while too much is on its way. */
    beforeLog(text: string): void {
        for (;;) {
            const taken = Atomics.load(this.#slots, logTakenSlot)
            if (((Atomics.load(this.#slots, logSentSlot) - taken) | 0) < logWaitingMax) break
            Atomics.wait(this.#slots, logTakenSlot, taken)
        }
        Atomics.add(this.#slots, logSentSlot, text.length + logLineCost)
    }

    /** Caller's thread: it took a log line. */
    afterLog(text: string): void {
        Atomics.add(this.#slots, logTakenSlot, text.length + logLineCost)
        Atomics.notify(this.#slots, logTakenSlot)
    }
}
