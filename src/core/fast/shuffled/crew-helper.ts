// Entry of a helping thread: takes tasks of each job that it is told of, until none is left.
import { parentPort, workerData } from 'node:worker_threads'

import { type CrewStart, type JobMessage, type ResultMessage, counterOf, stopAt } from './crew.js'
import { RowWorker } from './row-worker.js'

const { setup, thread, control } = workerData as CrewStart
const worker = new RowWorker(setup, thread)
const isOver = () => Atomics.load(control, stopAt) !== 0

function work({ id, job, tasks }: JobMessage): void {
    while (!isOver()) {
        const task = Atomics.add(control, counterOf(id), 1)
        if (task >= tasks) return
        let result = worker.run(job, task)
        while (result === 'wait') {
            // Until another thread has scanned what comes before, or a millisecond is over.
            Atomics.wait(control, stopAt, 0, 1)
            if (isOver()) return
            result = worker.run(job, task)
        }
        parentPort?.postMessage({ id, result } satisfies ResultMessage)
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
