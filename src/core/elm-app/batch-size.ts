// A batch is unpacked as a whole in the app's thread, before the app sees any of it.

export const bytesPerMebibyte = 1024 * 1024

/** Index of the input with which a batch goes beyond a size in bytes, a character counting as one; -1 if none does. */
export function firstInputBeyond(inputs: readonly string[], sizeBytesMax: number): number {
    let sizeBytes = 0
    return inputs.findIndex((input) => {
        sizeBytes += input.length
        return sizeBytes > sizeBytesMax
    })
}
