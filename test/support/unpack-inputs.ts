import { forEachPacked, type PackedInputs } from '../../src/core/packed-inputs.js'

/** All of them as strings, for an app that is given its inputs in the same thread. */
export function unpackInputs(packed: PackedInputs): {
    readonly inputs: readonly string[]
    readonly kinds: Uint8Array
} {
    const inputs: string[] = []
    const kinds = new Uint8Array(packed.length)
    const take = (text: string, isSetState: boolean, index: number) => {
        inputs.push(text)
        kinds[index] = isSetState ? 1 : 0
    }
    forEachPacked(packed, take, true)
    return { inputs, kinds }
}
