// Inputs larger, deeper and more than any that a host writes: complog must bound its memory, and end with a message.
import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, rmSync, symlinkSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { genesis } from '../../src/core/composition/hash.js'
import { binary, packageFolder } from '../support/build.js'
import { environment } from '../support/cli.js'
import { counterLog, logFile, reductionFile } from '../support/log-writer.js'
import { makeStore } from '../support/stores.js'
import { writeFiles } from '../support/temporary.js'
import { endOf } from './held-command.js'
import { zipOfEmptyEntries } from './many-entries-zip.js'
import { inFolder } from './sweep.js'
import { Tally } from './tally.js'

/** How large the inputs are. */
export interface Scale {
    readonly lineMegabytes: number
    /** The bound for a line; default: complog's own. */
    readonly lineSizeBytesMax?: number
    readonly memoryMegabytesMax: number
    readonly depth: number
    readonly files: number
    readonly zipEntries: number
}

export const wholeScale: Scale = {
    lineMegabytes: 600,
    memoryMegabytesMax: 1000,
    depth: 1_000_000,
    files: 100_000,
    zipEntries: 1_000_000,
}

/** Small enough for every run of the tests, large enough to cross every bound. */
export const smallScale: Scale = {
    lineMegabytes: 150,
    lineSizeBytesMax: 5_000_000,
    // Node 24 takes some 25 MB more than Node 20 where an app gets text that is nested deep.
    memoryMegabytesMax: 230,
    depth: 100_000,
    files: 2_000,
    zipEntries: 20_000,
}

const log = counterLog(3)

/** Every such input, each read by a real process. */
export async function tryBounds(scale: Scale): Promise<Tally> {
    const tally = new Tally('inputs beyond all bounds')
    for (const [name, attempt] of attempts(scale)) tally.add(name, await inFolder(tmpdir(), attempt))
    return tally
}

type Attempt = (folder: string) => Promise<readonly string[]>

function attempts(scale: Scale): readonly (readonly [string, Attempt])[] {
    const { lineMegabytes, depth, files, zipEntries } = scale
    const open = '['.repeat(depth)
    const close = ']'.repeat(depth)
    const bound =
        scale.lineSizeBytesMax === undefined ? [] : ['--max-line-size', String(scale.lineSizeBytesMax)]
    const check = (store: string, expected: Expected) =>
        ends(scale, ['verify-chain', store, ...bound], expected)
    return [
        [
            `a line of ${lineMegabytes} MB`,
            async (folder) => {
                const store = makeStore(folder, log.lines)
                const path = join(store, 'composition', 'z.jsonl')
                writeLongLine(path, lineMegabytes)
                return [
                    ...(await check(store, { exitCode: 3, stdout: /oversized-line/ })),
                    ...(await ends(scale, ['reorder', store, '--in-place', ...bound], {
                        exitCode: 17,
                        stderr: /longer/,
                    })),
                ]
            },
        ],
        [
            `JSON nested ${depth} deep, in records and reductions`,
            async (folder) => {
                const parent = `"ParentHashBase16":"${genesis}"`
                const lines = [
                    `{${parent},"AppendedEvents":[],"x":${open}${close}}`,
                    `{${parent},"AppendedEvents":${open}${close}}`,
                    `{${parent},"SetState":${'{"LiteralString":'.repeat(depth)}`,
                    open,
                ]
                const reduction = `{"ReducedCompositionHashBase16":"${log.head}","ReducedValue":${open}${close}}`
                const store = makeStore(folder, lines, { [log.head]: reduction })
                return check(store, { exitCode: 3, stdout: /malformed-record/ })
            },
        ],
        [
            `JSON nested ${depth} deep, in the map file of an app`,
            async (folder) => {
                const store = makeStore(join(folder, 'store'), log.lines)
                writeFiles(folder, { 'app/elm-app.map.json': `{"WithCustomSerialization":${open}${close}}` })
                const args = ['replay', store, '--app', join(folder, 'app')]
                return ends(scale, args, { exitCode: 14, stderr: /map file/ })
            },
        ],
        [
            'keys named __proto__ and constructor',
            async (folder) => {
                const store = makeStore(folder, [
                    `{"__proto__":{"AppendedEvents":["5"]},"constructor":{"prototype":{"SetState":"1"}},"ParentHashBase16":"${genesis}"}`,
                ])
                const sound = await check(store, { exitCode: 0, stdout: /1 record, 0 events/ })
                writeFileSync(
                    join(store, 'composition', 'z.jsonl'),
                    `{"__proto__":{"ParentHashBase16":"${genesis}"},"AppendedEvents":[]}\n`,
                )
                return [...sound, ...(await check(store, { exitCode: 3, stdout: /malformed-record/ }))]
            },
        ],
        [
            `${files} files`,
            async (folder) => {
                const store = makeStore(folder, log.lines)
                const below = join(store, 'composition', 'a')
                mkdirSync(below)
                for (let i = 0; i < files; i++) closeSync(openSync(join(below, `${i}.jsonl`), 'w'))
                return check(store, {
                    exitCode: 0,
                    stdout: new RegExp(`in ${(files + 1).toLocaleString('en')} files`),
                })
            },
        ],
        [
            'folders that lead into each other by links, and links in a row',
            async (folder) => {
                const store = makeStore(folder, log.lines, { [log.head]: reductionFile(log.head, '6') })
                const a = join(store, 'composition', 'x', 'a')
                const b = join(store, 'composition', 'x', 'b')
                for (const path of [a, b]) mkdirSync(path, { recursive: true })
                symlinkSync(b, join(a, 'to-b'))
                symlinkSync(a, join(b, 'to-a'))
                symlinkSync('..', join(b, 'up'))
                symlinkSync('self', join(b, 'self'))
                return check(store, { exitCode: 3, stdout: /irregular-file/ })
            },
        ],
        [
            `a zip with ${zipEntries} entries`,
            async (folder) => {
                const store = makeStore(join(folder, 'store'), log.lines)
                writeFileSync(join(folder, 'app.zip'), zipOfEmptyEntries(zipEntries))
                const args = ['replay', store, '--app', join(folder, 'app.zip')]
                return ends(scale, args, { exitCode: 14, stderr: /more than\s10000 entries/ })
            },
        ],
        [
            'a store of nothing but line ends, and one of zeros',
            async (folder) => {
                const store = makeStore(folder, log.lines)
                writeFileSync(join(store, 'composition', 'y.jsonl'), '\n'.repeat(scale.depth))
                const blank = await check(store, { exitCode: 0, stdout: /blank-line/ })
                rmSync(join(store, 'composition', 'y.jsonl'))
                writeFileSync(join(store, 'composition', 'z.jsonl'), Buffer.alloc(scale.depth))
                return [...blank, ...(await check(store, { exitCode: 3, stdout: /torn-tail/ }))]
            },
        ],
    ]
}

function writeLongLine(path: string, megabytes: number): void {
    const piece = Buffer.alloc(1_000_000, 'a')
    const descriptor = openSync(path, 'w')
    writeSync(descriptor, '{"AppendedEvents":["')
    for (let i = 0; i < megabytes; i++) writeSync(descriptor, piece)
    writeSync(descriptor, logFile(['"]}']))
    closeSync(descriptor)
}

interface Expected {
    readonly exitCode: number
    readonly stdout?: RegExp
    readonly stderr?: RegExp
}

async function ends(
    { memoryMegabytesMax }: Scale,
    args: readonly string[],
    expected: Expected,
): Promise<readonly string[]> {
    const preload = join(packageFolder, 'test', 'bench', 'report-memory.mjs')
    const child = spawn(process.execPath, [`--import=${preload}`, binary, ...args], {
        env: environment({ COMPLOG_THREADS: '1' }),
        stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    })
    let kibibytes = ''
    child.stdio[3]?.on('data', (text: Buffer) => (kibibytes += text.toString()))
    const { exitCode, signal, stdout, stderr } = await endOf(child)
    const problems: string[] = []
    if (exitCode !== expected.exitCode)
        problems.push(`ends with ${exitCode ?? signal ?? ''}: ${stderr}${stdout}`)
    if (expected.stdout?.test(stdout) === false) problems.push(`says on stdout: ${stdout.slice(0, 1000)}`)
    if (expected.stderr?.test(stderr) === false) problems.push(`says on stderr: ${stderr.slice(0, 1000)}`)
    const megabytes = (Number(kibibytes) * 1024) / 1_000_000
    if (!(megabytes > 0 && megabytes < memoryMegabytesMax)) problems.push(`took ${megabytes} MB of memory`)
    return problems
}
