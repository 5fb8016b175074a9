// Which record of a chain is from a time.
import { ComplogError } from '../errors.js'
import type { WorkOptions } from '../progress.js'
import { exactTime, type RecordTime, timeOf } from '../store/time-of-record.js'
import type { ChainLine, ChainLines, ChosenChain, CompositionRecord } from './chain.js'

const toldInLine = /^\\"posixTimeMilli\\"\s*:\s*(\d{1,16})(?![\d\\])/
const key = Buffer.from('\\"posixTimeMilli\\"')
const [escape, setState] = [Buffer.from('\\u'), Buffer.from('"SetState')]
/** When a record was made; undefined where nothing says so. */
export function timeOfRecord({ events, place }: CompositionRecord): RecordTime | undefined {
    return timeOf(events, place.file)
}

/** The same, without reading most lines as records. */
export function timeOfLine(part: ChainLines, line: ChainLine): RecordTime | undefined {
    const bytes = part.lines.subarray(line.begin, line.end)
    const at = bytes.indexOf(key)
    // What is written in another way, and a state that holds such a field as well, only a reader can tell.
    const isPlain = at >= 0 && !bytes.includes(escape) && !bytes.subarray(0, at).includes(setState)
    const found = isPlain ? exactTime(toldInLine.exec(bytes.toString('latin1', at, at + 48))?.[1]) : undefined
    return found ?? timeOfRecord(part.record(line))
}

/**
 * Position of the last record that may be from a time or before it.
 * @throws ComplogError `unknown-ref`
 */
export async function positionAtTime(
    chosen: ChosenChain,
    posixMilliseconds: number,
    options: WorkOptions = {},
): Promise<number> {
    let found = 0
    let oldest: RecordTime | undefined
    await forEachTime(chosen, options, (time, position) => {
        oldest ??= time
        if (time !== undefined && time.first <= posixMilliseconds) found = position
    })
    if (found > 0) return found
    const asked = new Date(posixMilliseconds).toISOString()
    throw oldest === undefined
        ? new ComplogError(
              'unknown-ref',
              'No record of the log says when it was: neither by a posixTimeMilli in its events nor by the name of its file.',
              { hint: 'Name the record by its hash or its number.' },
          )
        : new ComplogError('unknown-ref', `No record is from ${asked} or before.`, {
              hint: `The oldest one that says when it was is from ${new Date(oldest.first).toISOString()}.`,
          })
}

/** Position of the first record that may be from a time or after it; behind the last where none is. */
export async function positionFromTime(
    chosen: ChosenChain,
    posixMilliseconds: number,
    options: WorkOptions = {},
): Promise<number> {
    const behind = chosen.head + 1
    let found = behind
    await forEachTime(chosen, options, (time, position) => {
        if (found === behind && time !== undefined && time.last >= posixMilliseconds) found = position
    })
    return found
}

async function forEachTime(
    { chain, head: to }: ChosenChain,
    options: WorkOptions,
    visit: (time: RecordTime | undefined, position: number) => void,
): Promise<void> {
    const parts = chain.readLines(1, to, options)
    if (parts === undefined) {
        for await (const batch of chain.read(1, to, options)) {
            for (const record of batch) visit(timeOfRecord(record), record.position)
        }
        return
    }
    for await (const part of parts) part.forEach((line) => visit(timeOfLine(part, line), line.position))
}
