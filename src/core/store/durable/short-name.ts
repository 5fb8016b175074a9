// Names of files that are made after other files. A name, made longer to name another file after it, may be
// longer than the file system allows.
import { createHash, type Hash } from 'node:crypto'

/** Leaves room for what is added, where a name may have 255 bytes. */
const nameSizeBytesMax = 200

/** As much of the name as leaves room, in whole characters. What is added must tell it from others. */
export function shortName(name: string): string {
    const bytes = Buffer.from(name)
    if (bytes.length <= nameSizeBytesMax) return name
    // A character that is cut off is what a stream would wait for.
    return new TextDecoder().decode(bytes.subarray(0, nameSizeBytesMax), { stream: true })
}

/** What tells a file from others of the same name: 16 hexadecimal digits made of its content. */
export function digestOf(content: Buffer): string {
    return shortDigest(createHash('sha256').update(content))
}

/** The same of a content that was hashed in pieces. */
export function shortDigest(hash: Hash): string {
    return hash.digest('hex').slice(0, 16)
}
