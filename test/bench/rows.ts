// What is measured, against what, and what is good enough.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { memoryOfComplog, timeOfComplog } from './complog.js'
import { cachedGitChain, noGit } from './git-chain.js'
import { type BenchLog, cachedLog, counterEvent } from './make-log.js'
import type { Row, Yardstick } from './measure.js'
import { runProcess } from './processes.js'
import { cachedReducedStore } from './reduced-store.js'
import { cachedShuffledLog } from './shuffle-log.js'

export interface Bench {
    /** For what is made while measuring. */
    readonly folder: string
    readonly elmHome: string
    readonly env: NodeJS.ProcessEnv
}

/** What a log is measured with. */
export interface Subject {
    readonly log: BenchLog
    /** The same log with a history 100 times shorter. */
    readonly shortLog: BenchLog
    /** Records behind the reduction that a restore from the end starts at. */
    readonly behindReduction: number
    readonly app: string
    readonly targets: {
        readonly verify: number
        readonly verifyOneThread: number
        readonly replay: number
        readonly replayShuffled: number
        readonly verifyShuffled?: number
        readonly reorder?: number
        readonly fromEnd: number
    }
}

const script = (name: string) => fileURLToPath(new URL(name, import.meta.url))

export function complogRow(
    what: string,
    yardstick: Yardstick,
    target: number | undefined,
    args: () => readonly string[],
    env: NodeJS.ProcessEnv,
): Row {
    return {
        what,
        yardstick,
        ...(target !== undefined && { target }),
        run: () => timeOfComplog(args(), env),
        memory: () => memoryOfComplog(args(), env),
    }
}

/** Logs are made when a row first needs them. */
export function rowsOfLog(
    bench: Bench,
    { log, shortLog, behindReduction, app, targets }: Subject,
): readonly Row[] {
    const { env } = bench
    const appFlags = ['--app', app, '--elm-home', bench.elmHome]
    const shuffled = () => cachedShuffledLog(log).store
    const sha256sum: Yardstick = {
        name: 'sha256sum',
        isShort: true,
        run: () => runProcess('sha256sum', [log.file]).milliseconds,
    }
    const bareLoop: Yardstick = {
        name: 'bare loop',
        isShort: false,
        run: () => {
            const args = ['--import', 'tsx', script('bare-loop.ts'), app, bench.elmHome, log.file]
            return Number(runProcess(process.execPath, args).stdout)
        },
    }
    const fromEnd = (of: BenchLog) => {
        const { store } = cachedReducedStore(of, behindReduction, appFlags, env)
        return ['replay', store, ...appFlags, '--from-end']
    }
    const shortHistory: Yardstick = {
        name: 'history 1/100 as long',
        isShort: true,
        run: () => timeOfComplog(fromEnd(shortLog), env),
    }
    const output = join(bench.folder, 'reordered')
    const reorder = () => ['reorder', shuffled(), '--output', output]
    const verify = () => ['verify-chain', log.store]
    const verifyShuffled = () => ['verify-chain', shuffled()]
    const replay = () => ['replay', log.store, ...appFlags, '--from-genesis']
    const replayShuffled = () => ['replay', shuffled(), ...appFlags]
    const oneThread = { ...env, COMPLOG_THREADS: '1' }
    const replayed: Yardstick = {
        name: 'replay --from-genesis',
        isShort: false,
        run: () => timeOfComplog(replay(), env),
    }
    const bisect = () => ['bisect', log.store, ...appFlags, '--where', 'String(state).length > 1e6']
    const compare = () => ['compare', log.store, ...appFlags, '--with', changedApp(bench, app)]
    return [
        complogRow('verify-chain', sha256sum, targets.verify, verify, env),
        complogRow('verify-chain, one thread', sha256sum, targets.verifyOneThread, verify, oneThread),
        complogRow('verify-chain, shuffled', sha256sum, targets.verifyShuffled, verifyShuffled, env),
        cleared(output, complogRow('reorder --output, shuffled', sha256sum, targets.reorder, reorder, env)),
        complogRow('replay --from-genesis', bareLoop, targets.replay, replay, env),
        complogRow('bisect', replayed, 1.5, bisect, env),
        complogRow('compare', replayed, 2.2, compare, env),
        complogRow('replay, shuffled', bareLoop, targets.replayShuffled, replayShuffled, env),
        {
            ...complogRow('replay --from-end', shortHistory, targets.fromEnd, () => fromEnd(log), env),
            repeats: 5,
        },
    ]
}

/** Looks into the history, beside the commands that read the same records for something else. */
export function historyRows(
    { env, elmHome }: Bench,
    { log, app, wanted }: Pick<Subject, 'log' | 'app'> & { readonly wanted: string },
): { rows: readonly Row[]; skipped: readonly string[] } {
    const verified: Yardstick = {
        name: 'verify-chain',
        isShort: true,
        run: () => timeOfComplog(['verify-chain', log.store], env),
    }
    const search = () => ['search', log.store, '--match', wanted]
    const until = `#${Math.round(log.records * 0.9)}`
    const appFlags = ['--app', app, '--elm-home', elmHome]
    const replayed: Yardstick = {
        name: 'replay --until REF',
        isShort: true,
        run: () => timeOfComplog(['replay', log.store, ...appFlags, '--until', until], env),
    }
    const show = () => ['show', log.store, until, ...appFlags]
    const rows = [
        complogRow('search --match', verified, 1.5, search, env),
        complogRow('show REF', replayed, 1.2, show, env),
    ]
    const filter = `select(.AppendedEvents[0].LiteralString | contains(${JSON.stringify(wanted)}))`
    const jq: Yardstick = {
        name: 'jq select',
        isShort: false,
        run: () => runProcess('jq', ['-c', filter, log.file]).milliseconds,
    }
    if (spawnSync('jq', ['--version']).status !== 0)
        return { rows, skipped: ['search against jq: there is no jq'] }
    return { rows: [...rows, complogRow('search --match', jq, 0.25, search, env)], skipped: [] }
}

/** The same app, but for its answer to an event that it cannot read, which comes once in a while at most. */
function changedApp({ folder }: Bench, app: string): string {
    const path = join(folder, `changed-${basename(app)}`)
    if (existsSync(path)) return path
    cpSync(app, path, { recursive: true })
    const [name = ''] = readdirSync(join(path, 'elm-app')).filter((file) => file.endsWith('.elm'))
    const file = join(path, 'elm-app', name)
    const text = readFileSync(file, 'utf8')
    const changed = text.replace(/"(Failed to deserialize event: |decodeError)"/, '"$1!"')
    if (changed === text) throw new Error(`Nothing was changed in ${file}.`)
    writeFileSync(file, changed)
    return path
}

/** The same, which finds its output folder empty each time. */
function cleared(output: string, row: Row): Row {
    const clear = () => rmSync(output, { recursive: true, force: true })
    const { run, memory } = row
    return {
        ...row,
        run: () => {
            clear()
            return run()
        },
        ...(memory && {
            memory: () => {
                clear()
                return memory()
            },
        }),
    }
}

/** Whole processes that have next to nothing to do. */
export function startRows(bench: Bench): readonly Row[] {
    const nodeAlone: Yardstick = {
        name: 'node -e 0',
        isShort: true,
        run: () => runProcess(process.execPath, ['-e', '0']).milliseconds,
    }
    const small = () => ['verify-chain', cachedLog('counter', 30, counterEvent).store]
    return [
        complogRow('complog --version', nodeAlone, 2.5, () => ['--version'], bench.env),
        complogRow('verify-chain, 30 records', nodeAlone, 2.5, small, bench.env),
    ]
}

/** The same work done by others. `skipped` says what of it cannot be had here. */
export function peerRows(
    bench: Bench,
    records: number,
): { rows: readonly Row[]; skipped: readonly string[] } {
    const log = () => cachedLog('counter', records, counterEvent)
    const what = `verify-chain, ${records.toLocaleString('en-US')} records`
    const naive: Yardstick = {
        name: 'naive script',
        isShort: false,
        run: () => runProcess(process.execPath, [script('naive.mjs'), log().file]).milliseconds,
    }
    const args = () => ['verify-chain', log().store]
    const rows = [complogRow(what, naive, undefined, args, bench.env)]
    const missing = noGit()
    if (missing !== undefined) return { rows, skipped: [`${what} against git fsck: ${missing}`] }
    const git: Yardstick = {
        name: 'git fsck',
        isShort: false,
        run: () => runProcess('git', ['fsck', '--no-progress'], { cwd: cachedGitChain(log()) }).milliseconds,
    }
    return { rows: [...rows, complogRow(what, git, undefined, args, bench.env)], skipped: [] }
}
