// Logs of records and of mutated lines in any order, over the same files: what is in a log stays, where it stands does not.
import fc from 'fast-check'

export type Files = Readonly<Record<string, Buffer>>

/** Whole lines, each with its line end, change places. What follows the last line end of a file stays where it is. */
export function withSwappedLines(files: Files, swaps: readonly (readonly [number, number])[]): Files {
    const places: { readonly file: string; readonly line: Buffer }[] = []
    const rests: Record<string, Buffer> = {}
    for (const [file, bytes] of Object.entries(files)) {
        let start = 0
        for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
            places.push({ file, line: bytes.subarray(start, end + 1) })
            start = end + 1
        }
        rests[file] = bytes.subarray(start)
    }
    const lines = places.map(({ line }) => line)
    for (const [a, b] of swaps) {
        const [i, j] = [a % Math.max(1, lines.length), b % Math.max(1, lines.length)]
        if (lines.length > 0) [lines[i], lines[j]] = [lines[j] as Buffer, lines[i] as Buffer]
    }
    const parts: Record<string, Buffer[]> = {}
    places.forEach(({ file }, i) => (parts[file] ??= []).push(lines[i] as Buffer))
    return Object.fromEntries(
        Object.keys(files).map((file) => [
            file,
            Buffer.concat([...(parts[file] ?? []), rests[file] ?? Buffer.alloc(0)]),
        ]),
    )
}

/** From a few lines that change places to a log that is shuffled as a whole. */
export const swaps: fc.Arbitrary<readonly (readonly [number, number])[]> = fc.oneof(
    fc.array(fc.tuple(fc.nat(5000), fc.nat(5000)), { maxLength: 4 }),
    fc.array(fc.tuple(fc.nat(5000), fc.nat(5000)), { minLength: 200, maxLength: 900, size: 'max' }),
)
