// What is used of the package, which brings no types of its own.
declare module 'fs-native-extensions' {
    /**
     * Asks the kernel for an exclusive lock of a part of an open file; a length of 0 means up to its end.
     * False where another open file holds one, of this process or another.
     */
    export function tryLock(fd: number, offset?: number, length?: number): boolean
}
