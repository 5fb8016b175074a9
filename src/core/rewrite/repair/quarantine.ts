// What a repair takes out of a log is kept beside it, byte for byte, with where it came from: for each log
// file one file with the bytes as they stood there, one line behind the other, and one that says in JSON
// where each of them stood.
import { createHash, type Hash } from 'node:crypto'
import { basename, join } from 'node:path'

import { shortDigest, shortName } from '../../store/durable/short-name.js'
import type { Staging } from '../../store/durable/staging.js'
import { readPart } from '../../store/reading/read-part.js'
import { quarantineFolder } from '../../store/recognise.js'
import type { RemovedPart } from './removed-lines.js'

/** What left one log file, and where it is kept. */
export interface Quarantined {
    /** Path of the log file below the composition folder. */
    readonly file: string
    readonly lines: number
    readonly sizeBytes: number
    /** The file with the bytes. */
    readonly keptIn: string
    /** The file that says where they stood. */
    readonly index: string
}

/** Named after where the bytes stood and what they are: the same command run again writes the same files. */
export async function stageQuarantine(part: RemovedPart, staging: Staging): Promise<Quarantined> {
    const { file, lines, sizeBytes } = part
    const digest = createHash('sha256')
    digest.update(JSON.stringify([file.path, lines.map(({ fromBytes, toBytes }) => [fromBytes, toBytes])]))
    for await (const piece of bytesOf(part)) digest.update(piece)
    const name = `${shortName(basename(file.path))}.${shortDigest(digest)}`
    const keptIn = join(staging.root, quarantineFolder, `${name}.cut`)
    const index = join(staging.root, quarantineFolder, `${name}.json`)
    const hash = createHash('sha256')
    await staging.stageUnsynced(keptIn, hashed(bytesOf(part), hash), file.absolutePath)
    await staging.stageUnsynced(index, Buffer.from(indexOf(part, hash)), file.absolutePath)
    return { file: file.path, lines: lines.length, sizeBytes, keptIn, index }
}

async function* bytesOf({ file, lines }: RemovedPart): AsyncGenerator<Buffer> {
    for (const { fromBytes, toBytes } of lines) yield* readPart(file.absolutePath, fromBytes, toBytes)
}

async function* hashed(pieces: AsyncIterable<Buffer>, hash: Hash): AsyncGenerator<Buffer> {
    for await (const piece of pieces) {
        hash.update(piece)
        yield piece
    }
}

/** Says nothing of when it was written: the same repair run again must write the same. */
function indexOf({ file, lines, added }: RemovedPart, hash: Hash): string {
    let at = 0
    const entries = lines.map(({ line, fromBytes, toBytes, finding }) => {
        const sizeBytes = toBytes - fromBytes
        const entry = JSON.stringify({ finding, line, offsetBytes: fromBytes, sizeBytes, keptAtBytes: at })
        at += sizeBytes
        return `    ${entry}`
    })
    return [
        '{',
        `  "file": ${JSON.stringify(file.path)},`,
        `  "fileSizeBytes": ${file.sizeBytes},`,
        `  "sha256": "${hash.digest('hex')}",`,
        ...(added.length > 0
            ? [
                  `  "lineEndsAdded": ${JSON.stringify(added.map(({ atBytes, text }) => ({ atBytes, sizeBytes: Buffer.byteLength(text) })))},`,
              ]
            : []),
        '  "lines": [',
        entries.join(',\n'),
        '  ]',
        '}\n',
    ].join('\n')
}
