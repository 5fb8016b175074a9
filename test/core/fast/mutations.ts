// Lines as no host writes them: what bit rot, editors, other writers and people with bad intentions make of a record.
import fc from 'fast-check'

export interface Mutation {
    readonly kind: keyof typeof kinds
    readonly at: number
    readonly value: number
}

const pick = <T>(from: readonly T[], value: number): T => from[value % from.length] as T

/** Puts bytes at a place, instead of so many that stand there. */
function splice(line: Buffer, at: number, removed: number, added: string | readonly number[]): Buffer {
    const bytes = typeof added === 'string' ? Buffer.from(added) : Buffer.from(added)
    const start = at % (line.length + 1)
    return Buffer.concat([line.subarray(0, start), bytes, line.subarray(start + removed)])
}

/** Changes the parsed record and writes it again; leaves a line alone that cannot be parsed. */
function rewritten(line: Buffer, change: (json: Record<string, unknown>) => string): Buffer {
    try {
        return Buffer.from(change(JSON.parse(line.toString()) as Record<string, unknown>))
    } catch {
        return line
    }
}

const escapes = [
    ['\\u0000', '\\u00e9', '\\ud800', '\\ud83d\\ude00', '\\udc00x', '\\uFFFF', '\\n', '\\/', '\\\\', '\\"'],
    ['\\x41', '\\u12', '\\u12g4', '\\', '\\u', '\\a', '\\0', '\\U0041', '\\\n', '\\\u00e9', '\\u 123'],
].flat()
const bytes = [
    [0x00],
    [0x09],
    [0x0d],
    [0x0a],
    [0x1f],
    [0x7f],
    [0x80],
    [0xc3],
    [0xc3, 0xa9],
    [0xe2, 0x80, 0xa8],
    [0xed, 0xa0, 0x80],
    [0xf0, 0x9f, 0x98, 0x80],
    [0xf8],
    [0xff],
    [0xef, 0xbb, 0xbf],
    [0x22],
    [0x5c],
    [0x5c, 0x5c],
    [0x5c, 0x22],
    [0x7d],
    [0x5d],
    [0x20],
] as const

const kinds = {
    'flip a bit': (line, at, value) => {
        const copy = Buffer.from(line)
        const index = at % Math.max(1, copy.length)
        if (copy.length > 0) copy[index] = (copy[index] as number) ^ (1 << (value % 8))
        return copy
    },
    'change the case of a digit': (line, at) => {
        const copy = Buffer.from(line)
        const index = (at % 90) % Math.max(1, copy.length)
        const letter = String.fromCharCode(copy[index] ?? 0)
        if (/[A-Fa-f]/.test(letter)) copy[index] = (copy[index] as number) ^ 0x20
        return copy
    },
    'lower the parent': (line) => {
        const text = line.toString('latin1')
        return Buffer.from(
            text.replace(/[0-9A-F]{64}/, (hex) => hex.toLowerCase()),
            'latin1',
        )
    },
    'cut the end': (line, at) => line.subarray(0, at % (line.length + 1)),
    'cut the beginning': (line, at) => line.subarray(at % (line.length + 1)),
    'take out bytes': (line, at, value) => splice(line, at, 1 + (value % 4), ''),
    'put in bytes': (line, at, value) => splice(line, at, 0, pick(bytes, value)),
    'replace a byte': (line, at, value) => splice(line, at, 1, pick(bytes, value)),
    'put in an escape': (line, at, value) => splice(line, at, 0, pick(escapes, value)),
    'put in a long text': (line, at, value) =>
        splice(line, at, 0, pick(['x', '\\"', '\\\\', 'é'], value).repeat(value % 90)),
    'escape what needs none': (line, at) => {
        const text = line.toString()
        const index = text.indexOf(pick(['a', 'd', 't', 'L', '/', '0'], at), at % 120)
        if (index < 0) return line
        const code = text.charCodeAt(index).toString(16).padStart(4, '0')
        return Buffer.from(`${text.slice(0, index)}\\u${code}${text.slice(index + 1)}`)
    },
    'other order': (line) =>
        rewritten(line, (json) => JSON.stringify(Object.fromEntries(Object.entries(json).reverse()))),
    'with spaces': (line, at) =>
        rewritten(line, (json) => JSON.stringify(json, null, at % 2 === 0 ? ' ' : '').replaceAll('\n', ' ')),
    'another field': (line, at, value) =>
        rewritten(line, (json) =>
            JSON.stringify({
                ...json,
                [pick(['Note', '__proto__', 'SetState', 'ParentHash'], at)]: pick([1, null, 'x', []], value),
            }),
        ),
    'a field twice': (line, at, value) => {
        const text = line.toString()
        const field = pick(
            ['"ParentHashBase16":"00"', '"AppendedEvents":[]', '"SetState":null', '"ParentHashBase16":7'],
            value,
        )
        return Buffer.from(at % 2 === 0 ? text.replace('{', `{${field},`) : text.replace(/\}$/, `,${field}}`))
    },
    'other events': (line, at, value) =>
        rewritten(line, (json) =>
            JSON.stringify({
                ...json,
                [pick(['AppendedEvents', 'AppendedEventsLiteralString'], at)]: pick(
                    [
                        [],
                        ['x'],
                        [{ LiteralString: 'x' }],
                        [{ LiteralString: 'x', More: 1 }],
                        [{ LiteralString: 7 }],
                        ['x', { LiteralString: 'y' }],
                        null,
                        {},
                    ],
                    value,
                ),
            }),
        ),
    'behind the record': (line, at) =>
        Buffer.concat([line, Buffer.from(pick([' ', '\r', '\t', '}', ',', '\0', ' \r', '\ufeff'], at))]),
    'before the record': (line, at) =>
        Buffer.concat([Buffer.from(pick([' ', '\r', '\t', '{', '\ufeff', '\0'], at)), line]),
    'nothing but': (_line, at, value) =>
        Buffer.from(
            pick(['{}', '[]', 'null', '7', '"x"', '\0', ' ', '\r', 'x', '{"ParentHash":null}'], at + value),
        ),
} satisfies Record<string, (line: Buffer, at: number, value: number) => Buffer>

export function mutate(line: Buffer, { kind, at, value }: Mutation): Buffer {
    return kinds[kind](line, at, value)
}

export const mutation: fc.Arbitrary<Mutation> = fc.record({
    kind: fc.constantFrom(...(Object.keys(kinds) as (keyof typeof kinds)[])),
    at: fc.oneof(fc.nat(300), fc.integer({ min: 80, max: 170 })),
    value: fc.nat(100_000),
})
