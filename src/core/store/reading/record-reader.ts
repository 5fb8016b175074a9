// Reads single records wherever they lie, for logs whose lines are not in chain order.
import { openSync, readSync } from 'node:fs'

import { ComplogError } from '../../errors.js'
import { fileSystemError } from '../../file-system-error.js'
import type { FileList, StoreFile } from '../listing/list-files.js'
import { closeWhatWasRead } from './close.js'

const openFilesMax = 64

/** Keeps the files it reads open: close it. Synchronous, since a promise costs more than the read. */
export class RecordReader {
    readonly #files: FileList
    /** Descriptors by index of the file, the one opened longest ago first. */
    readonly #open = new Map<number, number>()

    constructor(files: FileList) {
        this.#files = files
    }

    /** The raw bytes of a line. */
    read(file: number, offsetBytes: number, sizeBytes: number): Buffer {
        const { absolutePath, path } = this.#files.at(file) as StoreFile
        const bytes = Buffer.allocUnsafe(sizeBytes)
        let done = 0
        try {
            const descriptor = this.#descriptor(file)
            while (done < sizeBytes) {
                const read = readSync(descriptor, bytes, done, sizeBytes - done, offsetBytes + done)
                if (read === 0) break
                done += read
            }
        } catch (error) {
            throw fileSystemError(error, 'read', absolutePath)
        }
        if (done < sizeBytes) {
            throw new ComplogError('store-changed', `${path} became shorter while it was read.`, {
                place: { file: path, offsetBytes, sizeBytes },
                hint: 'Wait for whatever changes the log to end, and run the same command again.',
            })
        }
        return bytes
    }

    close(): void {
        for (const descriptor of this.#open.values()) closeWhatWasRead(descriptor)
        this.#open.clear()
    }

    #descriptor(file: number): number {
        const known = this.#open.get(file)
        if (known !== undefined) return known
        if (this.#open.size >= openFilesMax) {
            const [oldest] = this.#open
            if (oldest !== undefined) {
                closeWhatWasRead(oldest[1])
                this.#open.delete(oldest[0])
            }
        }
        const descriptor = openSync((this.#files.at(file) as StoreFile).absolutePath, 'r')
        this.#open.set(file, descriptor)
        return descriptor
    }
}
