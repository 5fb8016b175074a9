// Zip writers refuse to write what a hostile zip holds, so this one writes whatever it is told.

import { deflateRawSync } from 'node:zlib'

import { crc32 } from '../../../src/core/elm-app/source/zip-archive.js'

export interface RawEntry {
    readonly name: string | Uint8Array
    readonly content?: string | Uint8Array
    /** Unix mode, file type included. */
    readonly mode?: number
    readonly flags?: number
    readonly store?: boolean
    /** Claimed in the headers in place of what is true. */
    readonly claimedSize?: number
    readonly claimedCrc?: number
}

/** A zip archive of these entries, in this order. */
export function rawZip(entries: readonly RawEntry[]): Buffer {
    const parts: Buffer[] = []
    const directory: Buffer[] = []
    let offset = 0
    for (const entry of entries) {
        const name = Buffer.from(entry.name)
        const content = Buffer.from(entry.content ?? '')
        const data = entry.store === true ? content : deflateRawSync(content)
        const fields = Buffer.alloc(26)
        fields.writeUInt16LE(20, 0)
        fields.writeUInt16LE(entry.flags ?? 0x800, 2)
        fields.writeUInt16LE(entry.store === true ? 0 : 8, 4)
        fields.writeUInt32LE(entry.claimedCrc ?? crc32(content), 10)
        fields.writeUInt32LE(data.length, 14)
        fields.writeUInt32LE(entry.claimedSize ?? content.length, 18)
        fields.writeUInt16LE(name.length, 22)
        const local = Buffer.concat([signature(0x04034b50), fields, name, data])
        const rest = Buffer.alloc(14)
        rest.writeUInt32LE(((entry.mode ?? 0o100644) << 16) >>> 0, 6)
        rest.writeUInt32LE(offset, 10)
        // "Made by" says unix, which is what gives the mode its meaning.
        directory.push(Buffer.concat([signature(0x02014b50), Buffer.of(63, 3), fields, rest, name]))
        parts.push(local)
        offset += local.length
    }
    const size = directory.reduce((sum, part) => sum + part.length, 0)
    const end = Buffer.alloc(18)
    end.writeUInt16LE(entries.length, 4)
    end.writeUInt16LE(entries.length, 6)
    end.writeUInt32LE(size, 8)
    end.writeUInt32LE(offset, 12)
    return Buffer.concat([...parts, ...directory, signature(0x06054b50), end])
}

function signature(value: number): Buffer {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32LE(value, 0)
    return bytes
}
