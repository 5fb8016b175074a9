// Events as a pipe brings them: one a line, as a JSON string, or as the line itself.
import { isUtf8 } from 'node:buffer'

import { type Line, LineSplitter } from '../core/composition/lines.js'
import { hasLoneSurrogate } from '../core/composition/record.js'
import { ComplogError } from '../core/errors.js'
import { jsonIn } from '../core/json.js'
import type { EventLine } from '../core/process/feed-events.js'

export interface EventLineOptions {
    /** Every line is an event as it stands, an empty one too. */
    readonly raw: boolean
    /** Longest line, in bytes. */
    readonly sizeBytesMax: number
}

/**
 * The events of a stream.
 * @throws ComplogError `usage` at the first line that is no event, `limit-exceeded` at one that is too long
 */
export async function* readEventLines(
    input: AsyncIterable<Buffer>,
    { raw, sizeBytesMax }: EventLineOptions,
): AsyncGenerator<EventLine> {
    const splitter = new LineSplitter(sizeBytesMax)
    for await (const chunk of input) {
        for (const line of splitter.push(chunk)) yield* eventOf(line, raw, sizeBytesMax)
    }
    for (const line of splitter.end()) yield* eventOf(line, raw, sizeBytesMax)
}

function* eventOf(line: Line, raw: boolean, sizeBytesMax: number): Generator<EventLine> {
    const { bytes, number, oversized } = line
    if (oversized)
        throw new ComplogError(
            'limit-exceeded',
            `Line ${number} of the input is longer than ${sizeBytesMax} bytes. The lines before it are in the log.`,
            { hint: 'Raise --max-line-size if an event may be this long.' },
        )
    if (!isUtf8(bytes)) throw noEvent(number, 'its bytes are not UTF-8')
    const text = bytes.toString('utf8')
    if (raw) {
        yield { event: text, line: number }
        return
    }
    // An empty line at the end of a file is no event that somebody forgot to write.
    if (text.trim() === '') return
    const json = jsonIn(text)
    if (json === undefined) throw noEvent(number, 'it is not JSON')
    if (typeof json !== 'string') throw noEvent(number, 'it is JSON, but not a string')
    if (hasLoneSurrogate(json))
        throw noEvent(number, 'it holds half of a surrogate pair, which is no character')
    yield { event: json, line: number }
}

function noEvent(line: number, why: string): ComplogError {
    return new ComplogError(
        'usage',
        `Line ${line} of the input is no event: ${why}. The lines before it are in the log.`,
        { hint: 'Write each event as one JSON string a line, or use --raw for lines as they stand.' },
    )
}
