// A disk that fails under a log, within this process.
import fs from 'node:fs'
import { open } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { mock, type TestContext } from 'node:test'

import { temporaryFolder, writeFiles } from './temporary.js'

type Method = (this: unknown, ...args: unknown[]) => unknown

/** What a log is written by: by another thread, or where one caller waits alone, in place. */
const calls = {
    sync: { method: 'datasync', inPlace: 'fdatasyncSync' },
    /** Of a whole file, with its size and times. */
    fsync: { method: 'sync', inPlace: 'fsyncSync' },
    write: { method: 'write', inPlace: 'writeSync' },
} as const

export type FailingCall = keyof typeof calls

/** Lets the disk fail from the nth call on, until what is returned is called. */
export async function failingDisk(
    t: TestContext,
    fails: FailingCall | readonly [call: FailingCall, code: string],
    fromCall: number,
): Promise<() => void> {
    const [call, code] = typeof fails === 'string' ? [fails, 'EIO'] : fails
    const { method, inPlace } = calls[call]
    let count = 0
    const replace = (owner: object, name: string) => {
        const methods = owner as Record<string, Method>
        const original = methods[name] as Method
        const mocked = mock.method(methods, name, function (this: unknown, ...args: unknown[]) {
            count += 1
            if (count < fromCall) return Reflect.apply(original, this, args)
            throw Object.assign(new Error(`${code}: the disk fails`), { code, syscall: call })
        })
        return () => mocked.mock.restore()
    }
    const folder = temporaryFolder(t)
    writeFiles(folder, { any: '' })
    const handle = await open(join(folder, 'any'))
    const mends = [replace(Object.getPrototypeOf(handle) as object, method), replace(fs, inPlace)]
    await handle.close()
    syncBuiltinESMExports()
    const mend = () => {
        for (const each of mends) each()
        syncBuiltinESMExports()
    }
    t.after(mend)
    return mend
}
