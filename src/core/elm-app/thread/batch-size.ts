// The strings of a batch are unpacked as a whole in the app's thread, before the app sees any of them.
import { type PackedInputs, packedAsString, packedSetState } from '../../packed-inputs.js'

export const bytesPerMebibyte = 1024 * 1024

/** Index of the input with which a batch exceeds a size in bytes, one a character; -1 if none does. */
export function firstInputBeyond(inputs: readonly string[], sizeBytesMax: number): number {
    let sizeBytes = 0
    return inputs.findIndex((input) => {
        sizeBytes += input.length
        return sizeBytes > sizeBytesMax
    })
}

/** The same for packed inputs, of which strings alone count: others leave their buffer one by one. */
export function firstPackedBeyond(
    { buffer, tableAtBytes, length, strings }: PackedInputs,
    sizeBytesMax: number,
): { readonly inputIndex: number; readonly isState: boolean } {
    let left = firstInputBeyond(strings, sizeBytesMax)
    if (left < 0) return { inputIndex: -1, isState: false }
    const table = new Uint32Array(buffer, tableAtBytes, length)
    const inputIndex = table.findIndex((entry) => (entry & packedAsString) !== 0 && left-- === 0)
    return { inputIndex, isState: ((table[inputIndex] ?? 0) & packedSetState) !== 0 }
}
