// The kernel's locks of open files, which Node itself does not offer: OFD locks on Linux, flock on macOS, LockFileEx on
// Windows. Loaded only by what writes: a command that reads must not wait for it.
import { ComplogError, isSystemError } from '../errors.js'

/** Asks for the lock of an open file. False where another open file holds it, of this process or another. */
export type TryLock = (fd: number) => boolean

/** On Windows nobody else can read what is locked, so the locked byte lies far behind what the file says. */
const lockedOffsetOnWindows = 2 ** 30

/** @throws ComplogError `lock-unsupported` */
export async function loadTryLock(
    load: () => Promise<typeof import('fs-native-extensions')> = () => import('fs-native-extensions'),
): Promise<TryLock> {
    let tryLock: typeof import('fs-native-extensions').tryLock
    try {
        ;({ tryLock } = await load())
    } catch (cause) {
        throw new ComplogError(
            'lock-unsupported',
            `Cannot lock the store: there is no file lock for this platform (${process.platform}, ${process.arch}). Nothing was written.`,
            {
                hint: 'Without a lock, two writers could destroy the log. Run the command where Node runs on glibc Linux (x64, arm64), macOS or Windows: the image node:22-slim instead of node:22-alpine, for one. Commands that only read work here.',
                cause,
            },
        )
    }
    return (fd) => {
        try {
            return process.platform === 'win32' ? tryLock(fd, lockedOffsetOnWindows, 1) : tryLock(fd)
        } catch (error) {
            if (isCode(error, 'EBUSY') || isCode(error, 'EACCES')) return false
            throw asSystemError(error)
        }
    }
}

function isCode(error: unknown, code: string): boolean {
    return error instanceof Error && 'code' in error && error.code === code
}

/** Errors of the package have a code, but do not say which call they come from. */
function asSystemError(error: unknown): unknown {
    if (!(error instanceof Error) || isSystemError(error) || !('code' in error)) return error
    return Object.assign(error, { syscall: 'lock' })
}
