// Hands out the lines of a shuffled log in chain order. Instead of a read for each record, the log is read as it stands a
// few times: each time, the lines of the next stretch of the chain, a window, are copied to where they belong.
import { type CompositionHash, hashOfLine } from '../../composition/hash.js'
import { isProblem, parseRecord } from '../../composition/record.js'
import { ComplogError } from '../../errors.js'
import type { WorkOptions } from '../../progress.js'
import { fileSystemError } from '../../file-system-error.js'
import { RecordReader } from '../../store/record-reader.js'
import { Crew, GaveUp, HelperLost } from './crew.js'
import type { FollowJob, UnreadFile } from './jobs.js'
import type { RowTable } from './row-table.js'

/** Lines that stand one behind the other in the chain, each with a line feed behind it. */
export interface ChainWindow {
    /** Position of the first of them, from 1. */
    readonly position: number
    readonly records: number
    /** Valid until the next window is asked for, as is where each line begins in it. */
    readonly lines: Buffer
    readonly offsets: Uint32Array
}

/** What is known of the ends of what is read. */
export interface WindowEnds {
    /** Hash of the last record to be read. */
    readonly lastHash: CompositionHash
}

const windowSizeBytesMin = 32 * 1024 * 1024
const partSizeBytes = 1 << 20

/** How many bytes of lines are handed out at a time. */
export function windowSizeOf({ parts, rows }: RowTable): number {
    const { rowsMax } = parts.setup.rows.layout
    if (parts.windowSizeBytes !== undefined) return Math.min(rowsMax * 24, parts.windowSizeBytes)
    return Math.min(rowsMax * 24, Math.max(rows * 32, windowSizeBytesMin), 0x7fff_0000)
}

/**
 * The records of the chain from one position to another, both included. Each is hashed again, and its link checked, before
 * it is handed out; the last against the hash that it must have. The windows take the memory of the table's hashes, so
 * there must be no two such readers at a time.
 * @throws ComplogError `store-changed`, `file-system`
 */
export async function* readWindows(
    table: RowTable,
    from: number,
    to: number,
    ends: WindowEnds,
    options: WorkOptions = {},
): AsyncGenerator<ChainWindow> {
    if (!table.takeWindow()) throw new Error('Two readers at a time.')
    try {
        yield* readChain(table, from, to, ends, options)
    } finally {
        table.returnWindow()
    }
}

async function* readChain(
    table: RowTable,
    from: number,
    to: number,
    ends: WindowEnds,
    options: WorkOptions,
): AsyncGenerator<ChainWindow> {
    let position = from
    let parent: CompositionHash | undefined
    for (let threads = table.parts.setup.rows.layout.threads; ; threads = 1) {
        const crew = new Crew(table.parts.setup, threads)
        try {
            while (position <= to) {
                const window = await gather(crew, table, position, to, options)
                const { ranks, lines, offsets, parts } = window
                const link =
                    parts === undefined ? linkOfLine(lines) : await follow(crew, ranks, parts, options)
                if (parent !== undefined && link.firstParent !== parent) throw changed()
                parent = link.lastHash
                position += ranks
                if (position > to && link.lastHash !== ends.lastHash) throw changed()
                yield { position: position - ranks, records: ranks, lines, offsets }
            }
            return
        } catch (error) {
            if (error instanceof GaveUp) throw error.unread ? unreadable(error.unread) : changed()
            if (!(error instanceof HelperLost) || threads === 1) throw error
        } finally {
            crew.close()
        }
    }
}

interface GatheredWindow {
    readonly ranks: number
    readonly lines: Buffer
    readonly offsets: Uint32Array
    readonly parts: FollowJob | undefined
}

interface Link {
    readonly firstParent: CompositionHash
    readonly lastHash: CompositionHash
}

async function gather(
    crew: Crew,
    table: RowTable,
    position: number,
    to: number,
    { signal }: WorkOptions,
): Promise<GatheredWindow> {
    const { setup, firstRows, pieces } = table.parts
    const { layout, memory } = setup.rows
    const { module } = crew.worker
    const firstRank = position - 1
    const offsetsAt = layout.tempAt + 16
    const windowAt = layout.restsAt
    const most = Math.min(to - 1, firstRank + Math.floor((layout.tempSizeBytes - 16) / 4) - 1)
    const sizeBytesMax = windowSizeOf(table)
    const ranks = module.layOutWindow(table.rows, firstRank, most, sizeBytesMax, offsetsAt, layout.tempAt)
    if (ranks === 0)
        return { ranks: 1, lines: longLine(table, position), offsets: Uint32Array.of(0), parts: undefined }
    const job = { kind: 'gather', firstRows, firstRank, ranks, offsetsAt, windowAt } as const
    await crew.run(job, pieces.length, () => undefined, signal)
    const sizeBytes = Number(Buffer.from(memory.buffer).readBigUInt64LE(layout.tempAt))
    const lines = Buffer.from(memory.buffer, windowAt, sizeBytes)
    const offsets = new Uint32Array(memory.buffer, offsetsAt, ranks)
    return { ranks, lines, offsets, parts: { kind: 'follow', parts: partsOf(offsets, sizeBytes), windowAt } }
}

/** A line that does not fit into a window. */
function longLine(table: RowTable, position: number): Buffer {
    const reader = new RecordReader(table.parts.files)
    try {
        const { file, offsetBytes, sizeBytes } = table.place(table.path?.[position - 1] as number)
        return Buffer.concat([reader.read(file, offsetBytes, sizeBytes), Buffer.from('\n')])
    } finally {
        reader.close()
    }
}

function linkOfLine(lines: Buffer): Link {
    const line = lines.subarray(0, -1)
    const content = parseRecord(line)
    if (isProblem(content)) throw changed()
    return { firstParent: content.parentHash, lastHash: hashOfLine(line) }
}

/** The ends of a window of which every record is the child of the one before. */
async function follow(crew: Crew, ranks: number, job: FollowJob, { signal }: WorkOptions): Promise<Link> {
    const links: (Link | undefined)[] = []
    let records = 0
    await crew.run(
        job,
        job.parts.length - 1,
        (result) => {
            if (result.kind !== 'followed')
                throw new Error('A window was followed, and something else came of it.')
            links[result.part] = result.link
            records += result.records
        },
        signal,
    )
    const [first] = links
    const last = links.at(-1)
    const isLinked = links.every(
        (link, i) => link !== undefined && (i === 0 || link.firstParent === links[i - 1]?.lastHash),
    )
    if (!isLinked || first === undefined || last === undefined || records !== ranks) throw changed()
    return { firstParent: first.firstParent, lastHash: last.lastHash }
}

/** Where parts of whole lines begin, and where the last ends. */
function partsOf(offsets: Uint32Array, sizeBytes: number): readonly number[] {
    const parts = [0]
    for (let i = 1; i < offsets.length; i++) {
        const next = i + 1 < offsets.length ? (offsets[i + 1] as number) : sizeBytes
        if (next - (parts.at(-1) as number) > partSizeBytes) parts.push(offsets[i] as number)
    }
    return [...parts, sizeBytes]
}

function unreadable({ path, code }: UnreadFile): Error {
    return fileSystemError(Object.assign(new Error(code), { code, syscall: 'read' }), 'read', path)
}

function changed(): ComplogError {
    return new ComplogError('store-changed', 'The log changed while complog was reading it.', {
        hint: 'Wait for whatever changes the log to end, and run the same command again.',
    })
}
