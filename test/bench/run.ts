// How fast complog is, as ratios to something that runs in the same minute: `sha256sum` of the same file for what reads
// a log, the bare loop of the same app for what replays it. Whole commands as processes, in rounds, median of each.
//   npm run bench
//   npm run bench -- --counter 5000000 --web 300000 --rounds 5 --only verify-chain --in-order
// Beside how long each takes, the ratio of each round to its own yardstick: median, least and most. Logs are kept for the
// next time in COMPLOG_BENCH_DATA, by default a folder among the temporary files.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

import { median } from 'simple-statistics'

import { type BenchLog, cachedLog, counterEvent, makeLog, webEvent } from './make-log.js'

const { values } = parseArgs({
    options: {
        counter: { type: 'string', default: '200000' },
        web: { type: 'string', default: '50000' },
        rounds: { type: 'string', default: '3' },
        /** Leaves out what has another beginning. */
        only: { type: 'string', default: '' },
        /** Leaves out shuffled logs. */
        'in-order': { type: 'boolean', default: false },
    },
})

interface Measured {
    readonly milliseconds: number
    readonly memoryMegabytes: number
}

interface Work {
    readonly name: string
    readonly against: 'sha256sum' | 'bare loop' | null
    readonly run: () => Measured
}

const folder = mkdtempSync(join(tmpdir(), 'complog-bench-'))
const elmHome = join(folder, 'elm-home')
const environment: NodeJS.ProcessEnv = {
    ...process.env,
    COMPLOG_CACHE_DIR: join(folder, 'cache'),
    NODE_OPTIONS: '',
    // It adds 35 ms to every start of Node, and no command here speaks TLS.
    NODE_EXTRA_CA_CERTS: undefined,
}

function timed(
    command: string,
    args: readonly string[],
    expected: readonly number[] = [0],
    env: NodeJS.ProcessEnv = environment,
): Measured & { stdout: string } {
    const begin = performance.now()
    const { status, stdout, stderr, output } = spawnSync(command, [...args], {
        encoding: 'utf8',
        env,
        stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
        maxBuffer: 1 << 30,
    })
    const milliseconds = performance.now() - begin
    if (!expected.includes(status ?? -1))
        throw new Error(`${command} ${args.join(' ')} ended with ${status}: ${stderr}`)
    return { milliseconds, memoryMegabytes: Number(output[3]) / 1000, stdout }
}

function complog(...args: string[]): Measured {
    return complogWith({}, ...args)
}

function complogWith(env: NodeJS.ProcessEnv, ...args: string[]): Measured {
    // A shuffled log whose head is not last is not sound for a host: 3 is what is to be measured there.
    return timed(
        process.execPath,
        ['--import', './test/bench/report-memory.mjs', 'bin/run.js', ...args],
        [0, 3],
        { ...environment, ...env },
    )
}

function works(log: BenchLog, shuffled: BenchLog, app: string): readonly Work[] {
    const appFlags = ['--app', app, '--elm-home', elmHome]
    return [
        { name: 'sha256sum', against: null, run: () => timed('sha256sum', [log.file]) },
        { name: 'verify-chain', against: 'sha256sum', run: () => complog('verify-chain', log.store) },
        {
            name: 'verify-chain, one thread',
            against: 'sha256sum',
            run: () => complogWith({ COMPLOG_THREADS: '1' }, 'verify-chain', log.store),
        },
        {
            name: 'verify-chain, shuffled',
            against: 'sha256sum',
            run: () => complog('verify-chain', shuffled.store),
        },
        {
            name: 'reorder, shuffled',
            against: 'sha256sum',
            run: () => {
                const output = join(folder, 'reordered')
                const measured = complog('reorder', shuffled.store, '--output', output)
                rmSync(output, { recursive: true })
                return measured
            },
        },
        {
            name: 'bare loop',
            against: null,
            run: () => {
                const { stdout } = timed(process.execPath, [
                    '--import',
                    'tsx',
                    'test/bench/bare-loop.ts',
                    app,
                    elmHome,
                    log.file,
                ])
                return { milliseconds: Number(stdout), memoryMegabytes: NaN }
            },
        },
        {
            name: 'replay --from-genesis',
            against: 'bare loop',
            run: () => complog('replay', log.store, ...appFlags, '--from-genesis'),
        },
        {
            name: 'replay, shuffled',
            against: 'bare loop',
            run: () => complog('replay', shuffled.store, ...appFlags),
        },
    ]
}

function shuffle(log: BenchLog, store: string): BenchLog {
    const lines = readFileSync(log.file, 'utf8').trimEnd().split('\n')
    let seed = 1
    for (let i = lines.length - 1; i > 0; i--) {
        seed = (Math.imul(seed, 1103515245) + 12345) >>> 0
        const j = seed % (i + 1)
        ;[lines[i], lines[j]] = [lines[j] as string, lines[i] as string]
    }
    const { file } = makeLog(store, 0, () => '')
    writeFileSync(file, `${lines.join('\n')}\n`)
    return { store, file, sizeBytes: log.sizeBytes }
}

function measure(title: string, log: BenchLog, app: string): void {
    const isInOrder = values['in-order']
    const shuffled = isInOrder ? log : shuffle(log, join(folder, 'shuffled'))
    const every = works(log, shuffled, app)
    const isWanted = ({ name }: Work) =>
        name.startsWith(values.only) && !(isInOrder && name.includes('shuffled'))
    const all = every.filter(
        (work) => isWanted(work) || every.some((other) => other.against === work.name && isWanted(other)),
    )
    const samples = new Map(all.map(({ name }) => [name, [] as Measured[]]))
    for (const { run } of all) run()
    for (let round = 0; round < Number(values.rounds); round++) {
        for (const { name, run } of all) samples.get(name)?.push(run())
    }
    const of = (name: string, key: keyof Measured) => (samples.get(name) ?? []).map((sample) => sample[key])
    const rows = all.map(({ name, against }) => ({
        what: name,
        ms: Math.round(median(of(name, 'milliseconds'))),
        ratio: against === null ? '' : ratio(of(name, 'milliseconds'), of(against, 'milliseconds'), against),
        'memory MB': Math.round(median(of(name, 'memoryMegabytes'))) || '',
    }))
    process.stdout.write(`\n${title}: ${(log.sizeBytes / 1e6).toFixed(0)} MB, median of ${values.rounds}\n`)
    // eslint-disable-next-line no-console -- A table on a terminal is all that this script is for.
    console.table(rows)
    rmSync(join(folder, 'shuffled'), { recursive: true, force: true })
}

/** Of the rounds one by one: a machine that is slower for a while is so for both. */
function ratio(milliseconds: readonly number[], yardstick: readonly number[], against: string): string {
    const ratios = milliseconds.map((time, round) => time / (yardstick[round] as number))
    const [least, middle, most] = [Math.min(...ratios), median(ratios), Math.max(...ratios)]
    return `${middle.toFixed(2)} of ${against} (${least.toFixed(2)} to ${most.toFixed(2)})`
}

try {
    cpSync('fixtures/elm-home', elmHome, { recursive: true })
    process.stdout.write(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}\n`)
    const counter = Number(values.counter)
    measure(
        `${counter} counter records`,
        cachedLog('counter', counter, counterEvent),
        'fixtures/apps/counter',
    )
    const web = Number(values.web)
    measure(`${web} web records`, cachedLog('web', web, webEvent), 'fixtures/apps/string-builder')
} finally {
    rmSync(folder, { recursive: true, force: true })
}
