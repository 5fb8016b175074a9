// The fast reader and the reference agree on every log of lines: here on some hundred mutated lines, and on as many as
// COMPLOG_FUZZ_RECORDS says in the long form (npm run test:fuzz-fast).
import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'

import fc from 'fast-check'

import { minuteFiles } from '../../../src/core/generations/minute-files.js'
import { readLogFiles } from '../../../src/core/later/reading/read-log-files.js'
import { LaterLog } from '../../../src/core/later/records/log.js'
import { ParentRule } from '../../../src/core/later/records/parent-rule.js'
import { eventKinds, isNoRecord, parseLaterRecord } from '../../../src/core/later/records/record.js'
import { hashOfBlob, type ValueHash } from '../../../src/core/later/values/value.js'
import { listFiles } from '../../../src/core/store/listing/list-files.js'
import { temporaryFolder, writeFiles } from '../../support/temporary.js'
import { thinned } from '../../support/thinned.js'
import { type Mutation, mutate, mutation } from '../fast/mutations.js'

const mutatedMin = Number(process.env['COMPLOG_FUZZ_RECORDS'] ?? thinned(150, 600))
const logFolder = 'composition-log/literal'

const text = fc.oneof(
    { weight: 60, arbitrary: fc.nat(2000).map((addition) => JSON.stringify({ addition })) },
    {
        weight: 20,
        arbitrary: fc.constantFrom('"', '\\', 'é\u2028', '😀', 'x'.repeat(300), '\n\t\u0000\u007f', '<&>+`'),
    },
    {
        weight: 1,
        arbitrary: fc.constantFrom(
            '',
            '{"PosixTimeHasArrivedEvent":{}}',
            '{"HttpRequestEvent":[]}',
            '\ud800',
        ),
    },
)
/** As System.Text.Json escapes, and as others do. */
const escaped = (json: string, isPlain: boolean) =>
    isPlain ? json : json.replace(/\\"|[^\x20-\x7e]/g, (found) => `\\u${codeOf(found.at(-1) as string)}`)
const codeOf = (character: string) => character.charCodeAt(0).toString(16).padStart(4, '0')

/** @param sound how many are for each that is mutated */
const lineWith = (sound: number) =>
    fc.record({
        text,
        kind: fc.oneof(
            { weight: 300, arbitrary: fc.constant('UpdateElmAppStateForEvent') },
            { weight: 1, arbitrary: fc.constantFrom(...Object.keys(eventKinds)) },
        ),
        isPlain: fc.boolean(),
        parent: fc.oneof(
            { weight: 60, arbitrary: fc.constant('before') },
            { weight: 1, arbitrary: fc.constantFrom('none', 'another') },
        ),
        mutations: fc.oneof(
            { weight: sound, arbitrary: fc.constant<Mutation[]>([]) },
            { weight: 1, arbitrary: fc.array(mutation, { minLength: 1, maxLength: 2 }) },
        ),
        end: fc.oneof(
            { weight: 300, arbitrary: fc.constant('\n') },
            { weight: 1, arbitrary: fc.constantFrom('\r\n', '\n\n', '') },
        ),
        /** The line end of the last line of a file stands in the next one. */
        endsInNext: fc.integer({ min: 0, max: 30 }).map((number) => number === 17),
        /** The next line names this one, also where it is no record. */
        isNamed: fc.boolean(),
        lastOfFile: fc.nat(99),
    })
type Line = ReturnType<typeof lineWith> extends fc.Arbitrary<infer Value> ? Value : never
const lines = fc.oneof(
    ...[400, 40, 4].map((sound) => fc.array(lineWith(sound), { maxLength: 200, size: 'max' })),
)
/** Of a hundred lines, how many are the last of their file. */
const fileEnds = fc.constantFrom(20, 20, 5)

function lineOf({ text, kind, isPlain, parent }: Line, head: string): Buffer {
    const named =
        parent === 'none' || head === ''
            ? {}
            : { parentHashBase16: parent === 'before' ? head : 'ab'.repeat(32) }
    const payload = kind === 'RevertProcessTo' ? { HashBase16: head } : { LiteralStringUtf8: text }
    return Buffer.from(escaped(JSON.stringify({ ...named, compositionEvent: { [kind]: payload } }), isPlain))
}

interface WrittenLog {
    readonly files: Readonly<Record<string, Buffer>>
    readonly hashes: readonly ValueHash[]
    readonly mutated: number
}

function writeLog(lines: readonly Line[], ends: number): WrittenLog {
    const files: Record<string, Buffer> = {}
    const hashes: ValueHash[] = []
    let parts: Buffer[] = []
    let mutated = 0
    let head = ''
    for (const [i, recipe] of lines.entries()) {
        const sound = lineOf(recipe, head)
        let bytes = sound
        for (const each of recipe.mutations) bytes = mutate(bytes, each)
        if (!bytes.equals(sound)) mutated++
        const isRecord = !isNoRecord(parseLaterRecord(bytes))
        if (isRecord) hashes.push(hashOfBlob(bytes))
        if (isRecord || recipe.isNamed) head = hashOfBlob(bytes)
        const isLastOfFile = recipe.lastOfFile < ends
        const endsInNext = recipe.endsInNext && isLastOfFile
        parts.push(bytes, Buffer.from(endsInNext ? '' : recipe.end))
        if (!isLastOfFile && i < lines.length - 1) continue
        const minute = Object.keys(files).length
        const time = `${String(Math.floor(minute / 60)).padStart(2, '0')}-${String(minute % 60).padStart(2, '0')}`
        const name = minute % 97 === 96 ? `2022-04-03/other-${time}` : `2022-04-03/2022-04-03T${time}`
        files[`${logFolder}/${name}`] = Buffer.concat(parts)
        parts = endsInNext ? [Buffer.from(recipe.end)] : []
    }
    return { files, hashes, mutated }
}

function saidBy(log: LaterLog): unknown {
    const { table, findings, counts, reduced, uncounted, values, reverts, unknownToHost } = log
    const rows = Array.from({ length: table.length }, (_, row) => [
        table.hashAt(row),
        table.kindAt(row),
        table.placeAt(row),
    ])
    const { files, sizeBytes, form, oldestParent, firstOf2025 } = log
    const lists = { rows, findings: findings.list, values, reverts, unknownToHost }
    const sets = { counts: [...counts], reduced: [...reduced], uncounted: [...uncounted] }
    return { ...lists, ...sets, files, sizeBytes, form, oldestParent, firstOf2025 }
}

const settings = fc.record({
    pieceSizeBytes: fc.constantFrom(300, 1500, 1500, 4000, 1 << 20),
    scannerHashSizeBytesMax: fc.constantFrom(0, 180, 16_000),
    fromBytes: fc.constant(0),
    threads: fc.constant(1),
})

test(`the fast reader says of ${mutatedMin} mutated lines what the reference says`, async (t) => {
    const store = temporaryFolder(t)
    let paths: readonly string[] = []
    let mutated = 0
    let runs = 0
    let [records, fastRecords] = [0, 0]
    const property = fc.asyncProperty(
        lines,
        fileEnds,
        settings,
        fc.array(fc.nat(), { maxLength: 3 }),
        async (recipe, ends, fast, reducedAt) => {
            const written = writeLog(recipe, ends)
            runs++
            // Over those of the log before: to make folders and to remove them takes longer than all else.
            for (const path of paths) if (written.files[path] === undefined) rmSync(join(store, path))
            writeFiles(store, written.files)
            paths = Object.keys(written.files)
            const { files: logFiles } = await listFiles(store, { onlyFolder: logFolder })
            const listed = { store: { generation: minuteFiles }, logFiles } as never
            const reductions = new Map(
                reducedAt
                    .flatMap((at) => written.hashes.slice(at % Math.max(1, written.hashes.length)))
                    .map((hash) => [hash, 0]),
            )
            const read = async (options: Parameters<typeof readLogFiles>[2]) => {
                const rule = new ParentRule({ setMayBeOfAdministrator: true })
                const log = new LaterLog(minuteFiles, rule, reductions)
                const addEvents = log.addEvents.bind(log)
                log.addEvents = (events, of) => {
                    fastRecords += events.sizesBytes.length
                    addEvents(events, of)
                }
                await readLogFiles(log, listed, options)
                log.finish()
                return saidBy(log)
            }
            const reference = await read({ read: ({ path }) => written.files[path] as Buffer })
            assert.deepEqual(await read({ fast }), reference)
            mutated += written.mutated
            records += written.hashes.length
        },
    )
    while (mutated < mutatedMin || (fastRecords <= records / 20 && runs < 500))
        await fc.assert(property, { numRuns: 50 })
    assert.ok(fastRecords > records / 20, `only ${fastRecords} of ${records} lines were read fast`)
    t.diagnostic(`${runs} logs, ${fastRecords} of ${records} lines read fast, ${mutated} of them mutated`)
})
