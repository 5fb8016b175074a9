// What is measured with stores of thousands of small files.
import { existsSync } from 'node:fs'
import { join } from 'node:path'

import { memoryOfComplog, timeOfComplog } from './complog.js'
import type { Row, Yardstick } from './measure.js'
import { runProcess } from './processes.js'
import { type Bench, complogRow } from './rows.js'
import { cachedStore, type Shape, type ShapeName, shapes } from './small-file-stores.js'

/** @param files of one shape; a hundredth of it is what starts are measured against */
export function smallFileRows(bench: Bench, shapeName: ShapeName, files: number): readonly Row[] {
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
    // Nothing is removed in between: for minutes after many files were removed, ext4 takes several times as long to
    // make a new one beside them.
    let folders = 0
    const newFolder = () => join(folder, `${shapeName}-${folders++}`)
    const copy: Yardstick = {
        name: 'cp -r',
        isShort: false,
        run: () => shell(`cp -r '${store()}' '${newFolder()}'`),
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
        row('reorder --output', copy, 4, () => ['reorder', store(), '--output', newFolder()]),
    ]
}

export const memoryHead = ['what', 'files', 'memory MB', 'B a file', 'target', ''] as const
const bytesPerFileTarget = 300
const memoryRuns = 3

/**
 * What a check takes for each file, as a row of cells: how the most that it holds grows from a tenth of the files to all,
 * by one thread in both, since a second takes its share whatever their number.
 */
export function memoryRow({ env }: Bench, shapeName: ShapeName, files: number): readonly string[] {
    const megabytesOf = (count: number) => {
        const args = ['verify-chain', cachedStore(shapes[shapeName], count)]
        const runs = Array.from({ length: memoryRuns }, () =>
            memoryOfComplog(args, { ...env, COMPLOG_THREADS: '1' }),
        )
        return Math.min(...runs)
    }
    const few = files / 10
    const [megabytes, megabytesOfFew] = [megabytesOf(files), megabytesOf(few)]
    const bytesPerFile = ((megabytes - megabytesOfFew) * 1e6) / (files - few)
    return [
        `${shapeName}: verify-chain`,
        `${few.toLocaleString('en-US')} to ${files.toLocaleString('en-US')}`,
        `${megabytesOfFew.toFixed(0)} to ${megabytes.toFixed(0)}`,
        bytesPerFile.toFixed(0),
        bytesPerFileTarget.toString(),
        bytesPerFile <= bytesPerFileTarget ? 'met' : 'missed',
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

/**
 * To the newest reduction, of a copy that is made anew each time. Links would be made sooner, but to remove one
 * frees nothing, and what has a second name is listed in another way.
 */
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

function shell(command: string): number {
    return runProcess('sh', ['-c', command]).milliseconds
}
