// Entry of a helping thread: reads pieces until none is left.
import { parentPort, workerData } from 'node:worker_threads'

import { InputRing } from './input-ring.js'
import { PieceReader } from './piece-reader.js'
import { claimPiece } from './piece-claims.js'
import type { HelperStart } from './threads.js'

const { module, settings, claims, thread, ring: shared } = workerData as HelperStart
const reader = new PieceReader(module, settings)
const ring = shared && new InputRing(shared)
for (;;) {
    const piece = claimPiece(claims, thread)
    if (piece === undefined) break
    ring?.waitUntilFree(piece)
    parentPort?.postMessage(reader.read(piece, ring?.slot(piece)))
}
reader.close()
