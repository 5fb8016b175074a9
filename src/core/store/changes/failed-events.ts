// The events on which an app failed, kept beside its store: they are not in the log. Each line is a JSON
// string, as `append` reads them, so that a mended app can be tried on them.
import { type FileHandle, open } from 'node:fs/promises'
import { dirname } from 'node:path'

import { attempt } from '../../file-system-error.js'
import { syncFolder } from '../durable/durable-files.js'

export class FailedEvents {
    readonly #path: string
    readonly #file: FileHandle

    private constructor(path: string, file: FileHandle) {
        this.#path = path
        this.#file = file
    }

    /**
     * Opens a file, or makes it. What it holds stays.
     * @throws ComplogError `file-system`
     */
    static async open(path: string): Promise<FailedEvents> {
        const file = await attempt('write', path, () => open(path, 'a+'))
        try {
            await attempt('write', path, async () => {
                const { size } = await file.stat()
                const last = Buffer.alloc(1)
                if (size > 0) await file.read(last, 0, 1, size - 1)
                // A line that a crash has cut off must not swallow the next one.
                if (size > 0 && last.toString() !== '\n') await file.appendFile('\n')
                await syncFolder(dirname(path))
            })
            return new FailedEvents(path, file)
        } catch (error) {
            await file.close()
            throw error
        }
    }

    /** They are on the disk when this resolves. */
    async keep(events: readonly string[]): Promise<void> {
        const lines = events.map((event) => `${JSON.stringify(event)}\n`).join('')
        await attempt('write', this.#path, async () => {
            await this.#file.appendFile(lines)
            await this.#file.datasync()
        })
    }

    close(): Promise<void> {
        return this.#file.close()
    }
}
