// The reductions of a store of 2020-05 or later: each names a record, and by their hashes the state and the
// app after it.
import { type Finding, finding } from '../../composition/finding.js'
import { byteOrderMark } from '../../composition/lines.js'
import type { Place } from '../../errors.js'
import { isObject, readJson } from '../../json.js'
import { reductionSizeBytesMax } from '../../limits.js'
import type { FileListing } from '../../store/listing/list-files.js'
import { unreadable } from '../../store/process-store.js'
import { readWholeFile } from '../../store/reading/read-whole.js'
import { type ValueHash, valueHashFrom } from '../values/value.js'
import { reductionFolder } from './list-later.js'

/** The state of the app and the app itself, after a record. */
export interface LaterReduction {
    readonly hash: ValueHash
    readonly state: ValueHash | undefined
    readonly app: ValueHash | undefined
    readonly place: Place
}

export interface LaterReductions {
    readonly byHash: ReadonlyMap<ValueHash, LaterReduction>
    /** All files, sound or not. */
    readonly files: number
    readonly findings: readonly Finding[]
}

const host = 'Does not start ("Failed to read reduction") where it comes to the reduced record.'
const help =
    '`complog repair --quarantine` moves it aside where the log before it is whole; else restore it from a backup.'

export function readReductions(listing: FileListing): LaterReductions {
    const findings = [...listing.findings]
    const byHash = new Map<ValueHash, LaterReduction>()
    for (const file of listing.files) {
        const place = { file: file.path, offsetBytes: 0, sizeBytes: file.sizeBytes }
        const hash = valueHashFrom(file.path.slice(reductionFolder.length + 1))
        if (hash === undefined) {
            const message = 'The name of this file is no hash in lower case.'
            findings.push(
                finding('reduction-misnamed', message, {
                    place,
                    severity: 'warning',
                    host: 'Looks for a reduction by the hash in lower case, and never finds this one.',
                    help: 'Where its name is a hash in upper case, write that in lower case; else move it out of `provisional-reduction/`.',
                }),
            )
            continue
        }
        try {
            const parsed = parse(readWholeFile(file, reductionSizeBytesMax))
            if ('problem' in parsed) {
                findings.push(finding('reduction-malformed', parsed.problem, { place, hash, host, help }))
            } else if (parsed.reduced !== hash) {
                const message = `It says that it reduces ${parsed.reduced}, not the record in its name.`
                findings.push(finding('reduction-hash-mismatch', message, { place, hash, host, help }))
            } else byHash.set(hash, { hash, state: parsed.state, app: parsed.app, place })
        } catch (error) {
            findings.push(unreadable(error, place.file, { hash }))
        }
    }
    return { byHash, files: listing.files.length, findings }
}

type Parsed = {
    readonly reduced: string
    readonly state: ValueHash | undefined
    readonly app: ValueHash | undefined
}

function parse(bytes: Buffer): Parsed | { readonly problem: string } {
    const hasMark = bytes.subarray(0, byteOrderMark.length).equals(byteOrderMark)
    const read = readJson(hasMark ? bytes.subarray(byteOrderMark.length) : bytes)
    if ('problem' in read) return read
    const fields = isObject(read.json) ? read.json : {}
    const reduced = fields['reducedCompositionHashBase16']
    if (typeof reduced !== 'string') return { problem: 'It names no reduced record.' }
    const named = (field: string) => {
        const given = fields[field] as { readonly HashBase16?: unknown } | null | undefined
        return valueHashFrom(given?.HashBase16)
    }
    return { reduced, state: named('elmAppState'), app: named('appConfig') }
}
