// A file's name, made longer to name another file after it, may be longer than the file system allows.

/** Leaves room for what is added, where a name may have 255 bytes. */
const nameSizeBytesMax = 200

/** As much of the name's beginning as leaves room, in whole characters. What is added must tell it from others. */
export function shortName(name: string): string {
    const bytes = Buffer.from(name)
    if (bytes.length <= nameSizeBytesMax) return name
    // A character that is cut off is what a stream would wait for.
    return new TextDecoder().decode(bytes.subarray(0, nameSizeBytesMax), { stream: true })
}
