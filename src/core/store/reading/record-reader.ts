// Reads single records wherever they lie, for logs whose lines are not in chain order.
import { becameShorter } from '../../errors.js'
import { fileSystemError } from '../../file-system-error.js'
import type { FileList, StoreFile } from '../listing/list-files.js'
import { FileCut, LogFileReader } from './log-file-reader.js'

const openFilesMax = 64

/** Keeps the files it reads open: close it. Synchronous, since a promise costs more than the read. */
export class RecordReader implements Disposable {
    readonly #files: FileList
    readonly #reader: LogFileReader

    constructor(files: FileList) {
        this.#files = files
        this.#reader = new LogFileReader(files, openFilesMax)
    }

    /** The raw bytes of a line. */
    read(file: number, offsetBytes: number, sizeBytes: number): Buffer {
        const bytes = Buffer.allocUnsafe(sizeBytes)
        try {
            this.#reader.read(file, bytes, 0, sizeBytes, offsetBytes)
        } catch (error) {
            const { absolutePath, path } = this.#files.at(file) as StoreFile
            if (!(error instanceof FileCut)) throw fileSystemError(error, 'read', absolutePath)
            throw becameShorter(path, { file: path, offsetBytes, sizeBytes })
        }
        return bytes
    }

    [Symbol.dispose](): void {
        this.#reader.close()
    }
}
