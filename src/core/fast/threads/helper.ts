// Entry of a helping thread: does pieces of each job that it is told of, until none is left.
import { parentPort, workerData } from 'node:worker_threads'

import { claimPiece, waitForOthers } from './piece-claims.js'
import { PieceWorker, unpackSetup } from './piece-worker.js'
import type { HelperStart, JobMessage, ResultMessage } from './threads.js'

const { setup, thread } = workerData as HelperStart
const worker = new PieceWorker(unpackSetup(setup))

function work({ id, job, claims }: JobMessage): void {
    for (;;) {
        const piece = claimPiece(claims, thread)
        if (piece === undefined) return
        let result = worker.run(job, piece)
        while (result === 'wait') {
            if (!waitForOthers(claims)) return
            result = worker.run(job, piece)
        }
        parentPort?.postMessage({ id, piece, result } satisfies ResultMessage)
    }
}

parentPort?.on('message', (message: JobMessage | undefined) => {
    if (message !== undefined) {
        work(message)
        return
    }
    worker.close()
    parentPort?.close()
})
