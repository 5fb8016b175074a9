// How time and memory grow with the number of records, and whether memory stays within its bounds.
import { memoryOfComplog, timeOfComplog } from './complog.js'
import { cachedLog, counterEvent } from './make-log.js'
import type { Bench } from './rows.js'
import { cachedShuffledLog } from './shuffle-log.js'

interface Work {
    readonly what: string
    readonly args: () => readonly string[]
    /** Millions of bytes. */
    readonly memoryMax: number
}

const sizes = [1_000_000, 5_000_000, 10_000_000]
/** For a log in order: whatever its length. */
const inOrderMegabytesMax = 150
const shuffledBytesPerRecordMax = 90
const shuffledMegabytesMax = 100

export const growthHead = ['records', 'what', 'ms', 'ns a record', 'memory MB', 'bound MB', ''] as const

/** A row of cells for each. */
export function* growth(bench: Bench, only: string): Generator<readonly string[]> {
    for (const records of sizes) {
        for (const { what, args, memoryMax } of worksOf(bench, records)) {
            if (!what.includes(only)) continue
            const memory = memoryOfComplog(args(), bench.env)
            const milliseconds = Math.min(...[1, 2, 3].map(() => timeOfComplog(args(), bench.env)))
            yield [
                records.toLocaleString('en-US'),
                what,
                milliseconds.toFixed(0),
                ((milliseconds * 1e6) / records).toFixed(0),
                memory.toFixed(0),
                memoryMax.toFixed(0),
                memory <= memoryMax ? 'met' : 'missed',
            ]
        }
    }
}

function worksOf({ elmHome }: Bench, records: number): readonly Work[] {
    const log = () => cachedLog('counter', records, counterEvent)
    const app = ['--app', 'fixtures/apps/counter', '--elm-home', elmHome]
    const shuffledMax = shuffledMegabytesMax + (records * shuffledBytesPerRecordMax) / 1e6
    return [
        { what: 'verify-chain', args: () => ['verify-chain', log().store], memoryMax: inOrderMegabytesMax },
        {
            what: 'replay --from-genesis',
            args: () => ['replay', log().store, ...app, '--from-genesis'],
            memoryMax: inOrderMegabytesMax,
        },
        {
            what: 'verify-chain, shuffled',
            args: () => ['verify-chain', cachedShuffledLog(log()).store],
            memoryMax: shuffledMax,
        },
    ]
}
