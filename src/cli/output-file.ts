// A file that a command writes for people: the responses of a replay, a baseline. It appears under its name
// only once it is whole, so that what could not be written leaves the file from before.
import { type FileHandle, lstat, open, rename, rm } from 'node:fs/promises'

import { attempt } from '../core/file-system-error.js'

export class OutputFile {
    readonly #path: string
    /** Where the bytes are until it is finished; absent where they go to their place at once. */
    readonly #temporaryPath: string | undefined
    readonly #handle: FileHandle

    private constructor(path: string, temporaryPath: string | undefined, handle: FileHandle) {
        this.#path = path
        this.#temporaryPath = temporaryPath
        this.#handle = handle
    }

    static async create(path: string): Promise<OutputFile> {
        if (!(await isReplaceable(path))) {
            return new OutputFile(path, undefined, await attempt('write', path, () => open(path, 'w')))
        }
        const temporaryPath = `${path}.${process.pid}.part`
        const handle = await attempt('write', path, () => open(temporaryPath, 'ax'))
        return new OutputFile(path, temporaryPath, handle)
    }

    /** Writes a text into a file, all of it or nothing. */
    static async writeWhole(path: string, text: string): Promise<void> {
        const file = await OutputFile.create(path)
        try {
            await file.writeText(text)
            await file.finish()
        } finally {
            await file.discard()
        }
    }

    /** Whether what was written can be taken back: not from a pipe. */
    get canRestart(): boolean {
        return this.#temporaryPath !== undefined
    }

    /** Takes back all that was written, where that is possible. */
    async restart(): Promise<void> {
        if (this.canRestart) await attempt('write', this.#path, () => this.#handle.truncate(0))
    }

    async writeText(text: string): Promise<void> {
        await attempt('write', this.#path, () => this.#handle.appendFile(text, 'utf8'))
    }

    /** Writes responses, one JSON string a line. */
    readonly write = async (responses: readonly string[]): Promise<void> => {
        if (responses.length === 0) return
        await this.writeText(responses.map((response) => `${JSON.stringify(response)}\n`).join(''))
    }

    /** Gives it its name. */
    async finish(): Promise<void> {
        const from = this.#temporaryPath
        if (from !== undefined) await attempt('sync', this.#path, () => this.#handle.sync())
        await this.#handle.close()
        if (from !== undefined) await attempt('write', this.#path, () => rename(from, this.#path))
    }

    /** Leaves nothing behind; without effect once it is finished. */
    async discard(): Promise<void> {
        await this.#handle.close()
        if (this.#temporaryPath !== undefined) await rm(this.#temporaryPath, { force: true })
    }
}

/** A pipe, a device such as /dev/null, or a link must be written to, never replaced. */
async function isReplaceable(path: string): Promise<boolean> {
    const stats = await lstat(path).catch(() => undefined)
    return stats?.isFile() ?? true
}
