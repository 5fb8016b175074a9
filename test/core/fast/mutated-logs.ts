// Logs of mutated records that are still in order, as far as they are records: each names the last one before it that
// can be read. So a check reads on behind every mutation.
import fc from 'fast-check'

import { type CompositionHash, genesis, hashOfLine } from '../../../src/core/composition/hash.js'
import { type Generation, generations, isProblem, parseRecord } from '../../../src/core/composition/record.js'
import { recordLine } from '../../support/log-writer.js'
import { type Mutation, mutate, mutation } from './mutations.js'

export interface LineRecipe {
    readonly generation: Generation
    readonly events: readonly string[] | undefined
    readonly setState: string | undefined
    readonly mutations: readonly Mutation[]
    readonly end: '\n' | '\r\n' | '\n\n' | '\n\r\n'
    /** Begins another file behind this line, perhaps without the line end. */
    readonly lastOfFile: boolean
    readonly withoutEnd: boolean
    /** Leaves a record in that is not the child of the one before. */
    readonly maybeStranger: boolean
}

export interface LogRecipe {
    readonly lines: readonly LineRecipe[]
    readonly byteOrderMark: boolean
    readonly cutBytes: number
}

export interface MutatedLog {
    readonly files: Readonly<Record<string, Buffer>>
    /** Hashes of the records in it. */
    readonly hashes: readonly CompositionHash[]
    readonly mutated: number
}

export function writeMutatedLog({ lines, byteOrderMark, cutBytes }: LogRecipe): MutatedLog {
    const files: Buffer[] = []
    const hashes: CompositionHash[] = []
    let head = genesis
    let mutated = 0
    let parts: Buffer[] = byteOrderMark ? [Buffer.from('\ufeff')] : []
    for (const recipe of lines) {
        const { generation, events, setState, mutations } = recipe
        const sound = Buffer.from(
            recordLine({
                generation,
                parent: head,
                ...(events && { events }),
                ...(setState !== undefined && { setState }),
            }),
        )
        let line = mutations.reduce(mutate, sound)
        if (!recipe.maybeStranger && isStranger(line, head)) line = sound
        if (!line.equals(sound)) mutated++
        // A line that a mutation broke in two is two lines.
        for (const part of line.toString('latin1').split('\n')) {
            const bytes = Buffer.from(part.replace(/\r$/, ''), 'latin1')
            if (isProblem(parseRecord(bytes))) continue
            head = hashOfLine(bytes)
            hashes.push(head)
        }
        parts.push(line)
        if (recipe.lastOfFile) {
            if (!recipe.withoutEnd) parts.push(Buffer.from(recipe.end))
            files.push(Buffer.concat(parts))
            parts = []
        } else {
            parts.push(Buffer.from(recipe.end))
        }
    }
    const last = Buffer.concat(parts)
    files.push(last.subarray(0, Math.max(0, last.length - cutBytes)))
    const named = files.map(
        (bytes, i) => [`composition/2019-04-${String(i).padStart(4, '0')}.jsonl`, bytes] as const,
    )
    return { files: Object.fromEntries(named), hashes, mutated }
}

function isStranger(line: Buffer, head: CompositionHash): boolean {
    let parent = head
    for (const part of line.toString('latin1').split('\n')) {
        const bytes = Buffer.from(part.replace(/\r$/, ''), 'latin1')
        const record = parseRecord(bytes)
        if (isProblem(record)) continue
        if (record.parentHash !== parent) return true
        parent = hashOfLine(bytes)
    }
    return false
}

const rarely = (weight: number) =>
    fc.oneof({ weight, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) })

const character = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...'abc {}[]:,0123/'.split('')) },
    {
        weight: 4,
        arbitrary: fc.constantFrom('"', '\\', '\\\\', '\n', '\t', '\b', '\u0000', '\u001f', '\u007f'),
    },
    { weight: 1, arbitrary: fc.constantFrom('é', '\u2028', '\ufeff', '😀', '\ud800', '\udc00') },
)
const text = fc.oneof(
    { weight: 4, arbitrary: fc.nat(2000).map((addition) => JSON.stringify({ addition })) },
    {
        weight: 4,
        arbitrary: fc
            .array(character, { maxLength: 90, size: 'max' })
            .map((characters) => characters.join('')),
    },
    {
        weight: 1,
        arbitrary: fc
            .array(character, { maxLength: 600, size: 'max' })
            .map((characters) => characters.join('')),
    },
)

const line: fc.Arbitrary<LineRecipe> = fc.record({
    generation: fc.oneof(
        { weight: 3, arbitrary: fc.constant('2019-04' as const) },
        { weight: 2, arbitrary: fc.constantFrom(...generations) },
    ),
    events: fc.oneof(
        { weight: 9, arbitrary: fc.array(text, { minLength: 1, maxLength: 3 }) },
        { weight: 1, arbitrary: fc.constantFrom(undefined, []) },
    ),
    setState: fc.oneof({ weight: 9, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: text }),
    mutations: fc.oneof(
        { weight: 2, arbitrary: fc.constant([]) },
        { weight: 8, arbitrary: fc.array(mutation, { minLength: 1, maxLength: 2 }) },
    ),
    end: fc.oneof(
        { weight: 12, arbitrary: fc.constant('\n' as const) },
        { weight: 4, arbitrary: fc.constantFrom('\r\n' as const, '\n\n' as const, '\n\r\n' as const) },
    ),
    lastOfFile: rarely(40),
    withoutEnd: rarely(3),
    maybeStranger: rarely(5000),
})

export const logRecipe = (linesMax: number): fc.Arbitrary<LogRecipe> =>
    fc.record({
        lines: fc.array(line, { minLength: 0, maxLength: linesMax, size: 'max' }),
        byteOrderMark: rarely(9),
        cutBytes: fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(300) }),
    })
