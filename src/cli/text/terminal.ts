// Entrance of cli/text/: how numbers, places, tables and strangers' text are written, and what a terminal can
// show.
//
// What the two output streams can show. chalk and cli-table3 look at neither NO_COLOR nor --no-color by
// themselves.
import { Chalk, type ChalkInstance, supportsColor, supportsColorStderr } from 'chalk'

export interface Style {
    readonly chalk: ChalkInstance
    /** Width to wrap text at, in columns. */
    readonly columns: number
}

const columnsMax = 100
const columnsOfPipe = 80

/** @param noColor whether the command line says so */
export function styleFor(stream: NodeJS.WriteStream, noColor: boolean): Style {
    const support = stream === process.stderr ? supportsColorStderr : supportsColor
    const plain =
        noColor || (process.env['NO_COLOR'] ?? '') !== '' || !stream.isTTY || process.env['TERM'] === 'dumb'
    const columns = stream.isTTY && stream.columns > 0 ? Math.min(stream.columns, columnsMax) : columnsOfPipe
    return { chalk: new Chalk({ level: plain || support === false ? 0 : support.level }), columns }
}

/** Progress and questions are for people at a terminal, not for logs. */
export function isInteractive(stream: NodeJS.WriteStream): boolean {
    return stream.isTTY && process.env['TERM'] !== 'dumb' && process.env['CI'] === undefined
}
