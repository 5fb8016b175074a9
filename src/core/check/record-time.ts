// When a record was made. The log does not say it: of most events the app was told the time, and the names of
// the files say the hour or the day in which hosts wrote to them.
import { ComplogError } from '../errors.js'
import type { WorkOptions } from '../progress.js'
import { spanOfLogFile } from '../store/log-file-name.js'
import type { Chain, ChainLine, ChainLines, CompositionRecord } from './chain.js'

/** Milliseconds since 1970, both included: the same where the time is known exactly. */
export interface RecordTime {
    readonly first: number
    readonly last: number
    /** Whether an event says so, as `posixTimeMilli`, or the name of the file. */
    readonly source: 'event' | 'file'
}

/**
 * In Kalmit's interfaces of 2019, the time of a web request, and that of any event that an app asks the time
 * of.
 */
const told = /"posixTimeMilli"\s*:\s*(\d{1,16})(?!\d)/
const toldInLine = /^\\"posixTimeMilli\\"\s*:\s*(\d{1,16})(?![\d\\])/
const key = Buffer.from('\\"posixTimeMilli\\"')
const [escape, setState] = [Buffer.from('\\u'), Buffer.from('"SetState')]
/** As far as a Date goes. */
const posixMillisecondsMax = 8.64e15

/** When a record was made; undefined where nothing says so. */
export function timeOfRecord({ events, place }: CompositionRecord): RecordTime | undefined {
    for (const event of events) {
        const at = exact(told.exec(event)?.[1])
        if (at !== undefined) return at
    }
    return timeOfFile(place.file)
}

/** The same, without reading most lines as records. */
export function timeOfLine(part: ChainLines, line: ChainLine): RecordTime | undefined {
    const bytes = part.lines.subarray(line.begin, line.end)
    const at = bytes.indexOf(key)
    // What is written in another way, and a state that holds such a field as well, only a reader can tell.
    const isPlain = at >= 0 && !bytes.includes(escape) && !bytes.subarray(0, at).includes(setState)
    const found = isPlain ? exact(toldInLine.exec(bytes.toString('latin1', at, at + 48))?.[1]) : undefined
    return found ?? timeOfRecord(part.record(line))
}

function exact(digits: string | undefined): RecordTime | undefined {
    const at = Number(digits ?? NaN)
    return at <= posixMillisecondsMax ? { first: at, last: at, source: 'event' } : undefined
}

function timeOfFile(path: string): RecordTime | undefined {
    const span = spanOfLogFile(path)
    return span && { ...span, source: 'file' }
}

/**
 * Position of the last record that may be from a time or before it.
 * @param to position of the last record that counts
 * @throws ComplogError `unknown-ref`
 */
export async function positionAtTime(
    chain: Chain,
    to: number,
    posixMilliseconds: number,
    options: WorkOptions = {},
): Promise<number> {
    let found = 0
    let oldest: RecordTime | undefined
    await forEachTime(chain, to, options, (time, position) => {
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

/**
 * Position of the first record that may be from a time or after it; one behind the last where there is none.
 */
export async function positionFromTime(
    chain: Chain,
    to: number,
    posixMilliseconds: number,
    options: WorkOptions = {},
): Promise<number> {
    let found = to + 1
    await forEachTime(chain, to, options, (time, position) => {
        if (found > to && time !== undefined && time.last >= posixMilliseconds) found = position
    })
    return found
}

async function forEachTime(
    chain: Chain,
    to: number,
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
