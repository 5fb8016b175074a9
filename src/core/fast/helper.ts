// Entry of a helping thread: reads pieces until none is left.
import { parentPort, workerData } from 'node:worker_threads'

import { PieceReader } from './piece-reader.js'
import type { HelperStart } from './threads.js'

const { module, settings, counter } = workerData as HelperStart
const reader = new PieceReader(module, settings)
for (;;) {
    const piece = Atomics.add(counter, 0, 1)
    if (piece >= reader.pieces.length) break
    parentPort?.postMessage(reader.read(piece))
}
reader.close()
