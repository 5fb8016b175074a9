// Stores as hosts leave them: thousands of small files. One file an hour, with a reduction of its last record, as hosts of
// 2019 write them; one file a minute without reductions; and the same of an idle host of 2021 to 2025, as it writes them.
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { type CompositionHash, genesis, hashOfLine } from '../../src/core/composition/hash.js'
import { hashOfBlob } from '../../src/core/later/value.js'
import { serializeReduction } from '../../src/core/reduction/reduction.js'
import { timeOfComplog } from './complog.js'
import type { Row, Yardstick } from './measure.js'
import { runProcess } from './processes.js'
import { type Bench, complogRow } from './rows.js'

interface Shape {
    readonly name: string
    readonly recordsPerFile: number
    /** From one file to the next. */
    readonly minutes: number
    /** Bytes of each record, its line end included; the events are padded. */
    readonly recordSizeBytes: number
    readonly hasReductions: boolean
    /** As hosts of 2021-07 and later write them. */
    readonly isLater?: true
}

const hourly: Shape = {
    name: 'hourly',
    recordsPerFile: 20,
    minutes: 60,
    recordSizeBytes: 145,
    hasReductions: true,
}
const minutes: Shape = {
    name: 'minutes',
    recordsPerFile: 6,
    minutes: 1,
    recordSizeBytes: 240,
    hasReductions: false,
}
const shapes = {
    hourly,
    minutes,
    'minutes since 2021': { ...minutes, name: 'since-2021', isLater: true },
} as const
const version = 1

/** The folder of such a store, of the counter app. Made once, and left for the next time. */
function cachedStore(shape: Shape, files: number): string {
    const folder = process.env['COMPLOG_BENCH_DATA'] ?? join(tmpdir(), 'complog-bench-data')
    const store = join(folder, `${shape.name}-${files}-v${version}`)
    if (!existsSync(store)) {
        const unfinished = `${store}-unfinished`
        rmSync(unfinished, { recursive: true, force: true })
        makeStore(unfinished, shape, files)
        renameSync(unfinished, store)
    }
    return store
}

function makeStore(store: string, shape: Shape, files: number): void {
    const log = join(store, shape.isLater ? 'composition-log/literal' : 'composition')
    mkdirSync(join(store, shape.isLater ? 'literal-element' : 'reduction'), { recursive: true })
    let parent = (shape.isLater ? '' : genesis) as CompositionHash
    let state = 0
    let record = 0
    for (let file = 0; file < files; file++) {
        const lines: Buffer[] = []
        for (let i = 0; i < shape.recordsPerFile; i++) {
            const addition = ((record++ * 7919) % 2001) - 1000
            state += addition
            const line = (shape.isLater ? laterRecordOf : recordOf)(parent, addition, shape.recordSizeBytes)
            parent = (shape.isLater ? hashOfBlob(line) : hashOfLine(line)) as CompositionHash
            lines.push(line, Buffer.from('\n'))
        }
        const time = new Date(Date.UTC(2019, 3, 28) + file * shape.minutes * 60_000).toISOString()
        const name = shape.minutes < 60 ? time.slice(0, 16).replace(':', '-') : time.slice(0, 13)
        const folder = join(log, time.slice(0, 10))
        mkdirSync(folder, { recursive: true })
        writeFileSync(join(folder, shape.isLater ? name : `${name}.composition.jsonl`), Buffer.concat(lines))
        if (!shape.hasReductions) continue
        const reduction = serializeReduction({ hash: parent, value: String(state) })
        writeFileSync(join(store, 'reduction', parent), reduction)
    }
}

function recordOf(parent: string, addition: number, sizeBytes: number): Buffer {
    const withNote = (note: string) =>
        JSON.stringify({
            ParentHashBase16: parent,
            AppendedEvents: [{ LiteralString: JSON.stringify({ addition, ...(note !== '' && { note }) }) }],
        })
    return padded(withNote, sizeBytes)
}

/** An ordinary event; the very first record names no parent. */
function laterRecordOf(parent: string, addition: number, sizeBytes: number): Buffer {
    const withNote = (note: string) => {
        const event = `{\\u0022addition\\u0022:${addition}${note === '' ? '' : `,\\u0022note\\u0022:\\u0022${note}\\u0022`}}`
        const named = parent === '' ? '' : `"parentHashBase16":"${parent}",`
        return `{${named}"compositionEvent":{"UpdateElmAppStateForEvent":{"LiteralStringUtf8":"${event}"}}}`
    }
    return padded(withNote, sizeBytes)
}

function padded(withNote: (note: string) => string, sizeBytes: number): Buffer {
    const bare = withNote('x').length
    return Buffer.from(bare >= sizeBytes ? withNote('') : withNote('x'.repeat(sizeBytes - bare)))
}

/** @param files of one shape; a hundredth of it is what starts are measured against */
export function smallFileRows(bench: Bench, shapeName: keyof typeof shapes, files: number): readonly Row[] {
    const { env, folder } = bench
    const shape: Shape = shapes[shapeName]
    const store = () => cachedStore(shape, files)
    const short = () => cachedStore(shape, files / 100)
    const app = ['--app', 'fixtures/apps/counter', '--elm-home', bench.elmHome]
    const sha256sum: Yardstick = {
        name: 'sha256sum',
        isShort: true,
        run: () => shell(`find '${store()}' -type f -print0 | xargs -0 sha256sum`),
    }
    const copy: Yardstick = {
        name: 'cp -r',
        isShort: false,
        run: () => {
            rmSync(join(folder, 'copied'), { recursive: true, force: true })
            return shell(`cp -r '${store()}' '${join(folder, 'copied')}'`)
        },
    }
    const row = (what: string, yardstick: Yardstick, target: number, args: () => readonly string[]) =>
        complogRow(what, yardstick, target, args, env)
    const shorter = (args: (store: string) => readonly string[]): Yardstick => ({
        name: 'a hundredth of the files',
        isShort: true,
        run: () => timeOfComplog(args(short()), env),
    })
    const against = (name: string, args: () => readonly string[]): Yardstick => ({
        name,
        isShort: true,
        run: () => timeOfComplog(args(), env),
    })
    if (shape.isLater) return [row('verify-chain', sha256sum, 0.7, () => ['verify-chain', store()])]
    const fromEnd = (of: string) => ['replay', of, ...app, '--from-end']
    const fromGenesis = () => ['replay', store(), ...app, '--from-genesis']
    const output = join(folder, 'reordered')
    const starts = shape.hasReductions
        ? [
              row('replay --from-end', shorter(fromEnd), 1.2, () => fromEnd(store())),
              appendRow(bench, { long: store, short }, app),
              truncateRow(bench, store, app),
          ]
        : [
              row('replay --from-end, no reduction', against('--from-genesis', fromGenesis), 1.3, () =>
                  fromEnd(store()),
              ),
          ]
    return [
        row('verify-chain', sha256sum, 1.3, () => ['verify-chain', store()]),
        row('replay --from-genesis', sha256sum, 1.6, fromGenesis),
        ...starts,
        before(
            () => rmSync(output, { recursive: true, force: true }),
            row('reorder --output', copy, 4, () => ['reorder', store(), '--output', output]),
        ),
    ]
}

/** One event, appended to a copy that is made once: each run makes it longer by a record. */
function appendRow(
    { env, folder }: Bench,
    stores: { readonly long: () => string; readonly short: () => string },
    app: readonly string[],
): Row {
    const copyOf = (name: string, of: () => string) => {
        const copied = join(folder, name)
        if (!existsSync(copied)) shell(`cp -r '${of()}' '${copied}'`)
        return copied
    }
    const append = (store: string) =>
        runProcess(process.execPath, ['bin/run.js', 'append', store, ...app, '--raw'], {
            env,
            input: Buffer.from('{"addition":1}\n'),
        }).milliseconds
    return {
        what: 'append of one event',
        target: 1.2,
        yardstick: {
            name: 'a hundredth of the files',
            isShort: true,
            run: () => append(copyOf('append-short', stores.short)),
        },
        run: () => append(copyOf('append-long', stores.long)),
    }
}

/** To the newest reduction, of a copy that is made anew each time. */
function truncateRow({ env, folder }: Bench, store: () => string, app: readonly string[]): Row {
    const copied = join(folder, 'truncated')
    const renew = () => shell(`rm -rf '${copied}' && cp -r '${store()}' '${copied}' && sync`)
    return {
        what: 'truncate to the newest reduction',
        target: 3,
        yardstick: {
            name: 'verify-chain + rm + sync',
            isShort: false,
            run: () => {
                renew()
                return timeOfComplog(['verify-chain', copied], env) + shell(`rm -r '${copied}' && sync`)
            },
        },
        run: () => {
            renew()
            return timeOfComplog(['truncate', copied, ...app, '--before', 'head', '--yes'], env)
        },
    }
}

function before(prepare: () => void, row: Row): Row {
    const { run, memory } = row
    const prepared = (work: () => number) => () => {
        prepare()
        return work()
    }
    return { ...row, run: prepared(run), ...(memory && { memory: prepared(memory) }) }
}

function shell(command: string): number {
    return runProcess('sh', ['-c', command]).milliseconds
}
