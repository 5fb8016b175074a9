// What the holder of a lock writes into the file, so that the next one can say whom it waits for.
import { ftruncateSync, readSync, writeSync } from 'node:fs'
import { hostname } from 'node:os'

import { ComplogError, ignoringSystemErrors } from '../../errors.js'
import { type JsonObject, jsonIn } from '../../json.js'

export interface LockHolder {
    readonly processId: number
    readonly host: string
    readonly command: string
    /** ISO 8601, in UTC. */
    readonly since: string
}

const wordSizeBytesMax = 4096

/**
 * Where the disk is full or broken, the file does not say: that is only for people, and whoever frees a full
 * disk by a truncation must get the lock.
 * @param descriptor the locked file, open for writing
 */
export function writeHolder(descriptor: number, command: string): void {
    const holder: LockHolder = {
        processId: process.pid,
        host: hostname(),
        command,
        since: new Date().toISOString(),
    }
    ignoringSystemErrors(() => {
        ftruncateSync(descriptor, 0)
        writeSync(descriptor, `${JSON.stringify(holder)}\n`, 0)
    })
}

/** Undefined where the file does not say. */
export function holderIn(descriptor: number): LockHolder | undefined {
    return ignoringSystemErrors(() => {
        const buffer = Buffer.alloc(wordSizeBytesMax)
        const bytesRead = readSync(descriptor, buffer, 0, buffer.length, 0)
        return parseHolder(buffer.toString('utf8', 0, bytesRead))
    })
}

/** These hold the lock for appending as long as they run. */
const commandsThatStay: readonly string[] = ['append', 'host']

/** What the next one is told. */
export function lockedBy(
    root: string,
    holder: LockHolder | undefined,
    isLockOfReductions: boolean,
): ComplogError {
    const wait =
        holder === undefined || !commandsThatStay.includes(holder.command)
            ? 'Wait for it to end'
            : isLockOfReductions
              ? 'It stores a reduction or truncates the log just now: wait a moment'
              : 'Stop it first'
    return new ComplogError(
        'store-locked',
        `The process store ${root} is locked: ${describeHolder(holder)} writes to it.`,
        {
            hint: `${wait}, and run the same command again. The lock ends with the process that holds it: there is no file to remove.`,
        },
    )
}

/** In words, as the subject of a sentence. */
function describeHolder(holder: LockHolder | undefined): string {
    if (holder === undefined) return 'another process'
    const { processId, host, command, since } = holder
    return `\`complog ${command}\` (process ${processId} on ${host}, since ${since})`
}

function parseHolder(text: string): LockHolder | undefined {
    const { processId, host, command, since } = (jsonIn(text) ?? {}) as JsonObject
    if (
        typeof processId !== 'number' ||
        typeof host !== 'string' ||
        typeof command !== 'string' ||
        typeof since !== 'string'
    )
        return undefined
    return { processId, host, command, since }
}
