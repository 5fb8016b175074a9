// Inputs that nobody should write, but somebody will: sound bytes with damage in them, and JSON with everything in it
// that JSON allows.
import fc from 'fast-check'

type Damage = (bytes: Buffer) => Buffer

const at = fc.nat(1_000_000)

const damage: fc.Arbitrary<Damage> = fc.oneof(
    fc.tuple(at, fc.integer({ min: 1, max: 255 })).map(([n, mask]): Damage => {
        return (bytes) => {
            const changed = Buffer.from(bytes)
            if (bytes.length > 0) changed[n % bytes.length]! ^= mask
            return changed
        }
    }),
    at.map(
        (n): Damage =>
            (bytes) =>
                bytes.subarray(0, n % (bytes.length + 1)),
    ),
    fc.tuple(at, fc.uint8Array({ maxLength: 20 })).map(([n, more]): Damage => {
        return (bytes) => insert(bytes, n % (bytes.length + 1), more)
    }),
    fc.tuple(at, fc.nat(40)).map(([n, size]): Damage => {
        return (bytes) => {
            const from = n % (bytes.length + 1)
            return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + size)])
        }
    }),
    fc.tuple(at, fc.nat(3000)).map(([n, depth]): Damage => {
        return (bytes) => insert(bytes, n % (bytes.length + 1), Buffer.from('[{"a":'.repeat(depth)))
    }),
    // What a size or an offset becomes when all its bytes are set.
    at.map((n): Damage => {
        return (bytes) => {
            const from = n % (bytes.length + 1)
            return Buffer.from(bytes).fill(0xff, from, Math.min(from + 4, bytes.length))
        }
    }),
)

function insert(bytes: Buffer, position: number, more: Uint8Array): Buffer {
    return Buffer.concat([bytes.subarray(0, position), more, bytes.subarray(position)])
}

/** One of these, with some damage. */
export function damaged(seeds: readonly Uint8Array[]): fc.Arbitrary<Buffer> {
    return fc
        .tuple(fc.constantFrom(...seeds), fc.array(damage, { maxLength: 4 }))
        .map(([seed, damages]) => damages.reduce<Buffer>((bytes, change) => change(bytes), Buffer.from(seed)))
}

const names = fc.constantFrom(
    ...['__proto__', 'constructor', 'prototype', 'toString', 'length', ''],
    ...['ParentHashBase16', 'ParentHash', 'AppendedEvents', 'AppendedEventsLiteralString', 'SetState'],
    ...['SetStateLiteralString', 'LiteralString', 'ReducedCompositionHashBase16', 'ReducedValue'],
    ...[
        'ReducedValueLiteralString',
        'ReducedCompositionHash',
        'WithCustomSerialization',
        'elm-version',
        'type',
    ],
)

/** JSON of any shape, with the names that readers look for. */
export const hostileJson: fc.Arbitrary<Buffer> = fc
    .letrec<{ value: string }>((tie) => ({
        value: fc.oneof(
            { maxDepth: 6 },
            fc.constantFrom('null', 'true', '1e999', '-0', '"\\ud800"', '[]', '{}', '""'),
            fc.string().map((text) => JSON.stringify(text)),
            fc.array(tie('value'), { maxLength: 3 }).map((items) => `[${items.join()}]`),
            fc
                .array(fc.tuple(names, tie('value')), { maxLength: 4 })
                .map(
                    (entries) =>
                        `{${entries.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join()}}`,
                ),
        ),
    }))
    .value.map((text) => Buffer.from(text))
