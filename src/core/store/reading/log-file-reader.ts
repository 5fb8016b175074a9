// Reads any part of any log file into memory that somebody else holds, and lines that are longer than that.
import { openSync, readSync } from 'node:fs'

import { type Line, LineSplitter } from '../../composition/lines.js'
import { isSystemError } from '../../errors.js'
import type { FileList, ReadableFile } from '../listing/list-files.js'
import { closeWhatWasRead, readInto } from './read-whole.js'

/** The file is not as it was listed. The reference reader knows what to make of it. */
export class FileCut extends Error {}

const longLineReadSizeBytes = 1 << 20

/** Keeps the files open that were opened last. Synchronous: a piece is read sooner than a promise. */
export class LogFileReader {
    readonly #files: FileList<ReadableFile>
    readonly #openFilesMax: number
    /** Descriptors by index of the file, the one opened longest ago first. */
    readonly #open = new Map<number, number>()

    constructor(files: FileList<ReadableFile>, openFilesMax = 1) {
        this.#files = files
        this.#openFilesMax = openFilesMax
    }

    /** Fills a part of a buffer. An error of the system names the file as its path. */
    read(file: number, buffer: Buffer, at: number, sizeBytes: number, position: number): void {
        try {
            const part = buffer.subarray(at, at + sizeBytes)
            if (readInto(part, this.#descriptor(file), position) < sizeBytes) throw new FileCut()
        } catch (error) {
            if (isSystemError(error)) error.path ??= (this.#files.at(file) as ReadableFile).absolutePath
            throw error
        }
    }

    /** Reads a whole file, of which it returns the size. @throws FileCut where there is no room for it */
    readToEnd(file: number, buffer: Buffer, at: number, room: number): number {
        const path = (this.#files.at(file) as ReadableFile).absolutePath
        this.close()
        const descriptor = openSync(path, 'r')
        try {
            const read = readSync(descriptor, buffer, at, room, null)
            if (read === room) throw new FileCut()
            return read
        } finally {
            closeWhatWasRead(descriptor)
        }
    }

    /** The line whose first bytes are held, with the rest of it that is not. */
    readLongLine(
        file: number,
        held: Buffer,
        start: { readonly offsetBytes: number; readonly lineNumber: number },
        lineSizeBytesMax: number,
    ): Line {
        const { sizeBytes } = this.#files.at(file) as ReadableFile
        const splitter = new LineSplitter(lineSizeBytesMax, start)
        let [line] = splitter.push(held)
        let position = start.offsetBytes + held.length
        // One for all reads, as the splitter keeps nothing of it.
        const chunk = Buffer.allocUnsafe(Math.max(0, Math.min(longLineReadSizeBytes, sizeBytes - position)))
        while (line === undefined && position < sizeBytes) {
            const length = Math.min(chunk.length, sizeBytes - position)
            this.read(file, chunk, 0, length, position)
            position += length
            ;[line] = splitter.push(chunk.subarray(0, length))
        }
        if (line === undefined) [line] = splitter.end()
        return line as Line
    }

    close(): void {
        for (const descriptor of this.#open.values()) closeWhatWasRead(descriptor)
        this.#open.clear()
    }

    #descriptor(file: number): number {
        const known = this.#open.get(file)
        if (known !== undefined) return known
        const [oldest] = this.#open
        if (oldest !== undefined && this.#open.size >= this.#openFilesMax) {
            closeWhatWasRead(oldest[1])
            this.#open.delete(oldest[0])
        }
        const descriptor = openSync((this.#files.at(file) as ReadableFile).absolutePath, 'r')
        this.#open.set(file, descriptor)
        return descriptor
    }
}
