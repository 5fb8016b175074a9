import { type PackedInputs, PackedReader, packedSetState } from '../../src/core/packed-inputs.js'

/** All of them as strings, for an app that is given its inputs in the same thread. */
export function unpackInputs(packed: PackedInputs): {
    readonly inputs: readonly string[]
    readonly kinds: Uint8Array
} {
    const reader = new PackedReader(packed, true)
    const inputs: string[] = []
    while (inputs.length < packed.length) {
        reader.nextGroup()
        inputs.push(reader.text)
    }
    return {
        inputs,
        kinds: Uint8Array.from(reader.table, (entry) => ((entry & packedSetState) !== 0 ? 1 : 0)),
    }
}
