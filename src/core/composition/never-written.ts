// Holes in a chain that are no damage: a host named a record as parent that it had never written. Only what
// the records around a hole say of the run of that host shows it; without that, records may be gone.
import type { RecordContent } from './record.js'

/** Why a host did not write what the next record names as its parent. */
export interface NeverWritten {
    /**
     * `clock`: a host of 2018 to 2020-02, started while its clock stood before the newest log file, takes
     * events that it cannot write. `migration`: one of 2020-04 forgets the record of a migration.
     */
    readonly cause: 'clock' | 'migration'
    /** How many requests the host had taken before, as the number of the first one that it wrote says. */
    readonly requests: number
}

/** From here on hosts migrate. */
const migrationsSince = Date.UTC(2020, 2, 31)

interface RequestOfRun {
    readonly posixMilliseconds: number
    /** Counts requests from 1 on with each start of a host. */
    readonly number: number
}

/**
 * What a record behind a hole says of it; undefined where it does not show that nothing is lost.
 *
 * A host stores a reduction behind the first event that it writes after its start. So a reduced record of
 * which the number has begun anew is the first one of its run: those before it were not lost from the log, or
 * one of them would be the reduced one.
 * @param reduced the first record behind the hole, of which there is a reduction
 * @param before records before the hole, the newest first
 */
export function neverWrittenBefore(
    reduced: RecordContent,
    before: Iterable<RecordContent>,
): NeverWritten | undefined {
    const first = requestOf(reduced.events[0])
    if (first === undefined || reduced.setState !== undefined) return undefined
    const requests = first.number - 1
    if (requests === 0)
        return first.posixMilliseconds >= migrationsSince ? { cause: 'migration', requests } : undefined
    for (const { events } of before) {
        const last = requestOf(events.at(-1))
        if (last === undefined) continue
        const isNewRun = first.number <= last.number || first.posixMilliseconds < last.posixMilliseconds
        return isNewRun ? { cause: 'clock', requests } : undefined
    }
    return undefined
}

function requestOf(event = ''): RequestOfRun | undefined {
    if (!event.includes('"httpRequestId"')) return undefined
    try {
        const { httpRequest } = JSON.parse(event) as {
            httpRequest?: { httpRequestId?: unknown; posixTimeMilli?: unknown } | null
        }
        const { httpRequestId, posixTimeMilli } = httpRequest ?? {}
        const number = /^-?\d+-([1-9]\d{0,14})$/.exec(String(httpRequestId))?.[1]
        if (number === undefined || typeof posixTimeMilli !== 'number') return undefined
        return { number: Number(number), posixMilliseconds: posixTimeMilli }
    } catch {
        return undefined
    }
}
