// Entrance of core/later/values/: bytes and lists that are known by their hashes. In come the folders of a
// store that hold them; out come the files by hash, and the values in them, or what is wrong with a file.
//
// The files of a store that hold values, by hash: where they lie, what they hold, and whether that has the
// hash that their name says. Content is read when it is asked for.
import { constants, inflateRawSync } from 'node:zlib'

import type { Finding } from '../../composition/finding.js'
import { valueSizeBytesMax } from '../../limits.js'
import { type FileList, listFiles, type StoreFile } from '../../store/listing/list-files.js'
import { readWholeFile } from '../../store/reading/read-whole.js'
import type { Value, ValueHash } from './value.js'
import {
    type Decoded,
    decodeEitherBinaryForm,
    decodeHashForm,
    decodeJsonForm,
    sizeOfHashForm,
    type ValueProblem,
} from './value-forms.js'
import { type ValueFile, type ValueFolder, ValueIndex } from './value-index.js'

export type { ValueFile } from './value-index.js'

/** In the order in which hosts look for a value: the first file that is there counts, whatever it holds. */
const folders: readonly ValueFolder[] = [
    { path: 'value/binary/deflated', decode: decodeEitherBinaryForm, isDeflated: true, isWhole: true },
    { path: 'value/json/deflated', decode: decodeJsonForm, isDeflated: true, isWhole: true },
    { path: 'literal-element', decode: decodeHashForm, isDeflated: false, isWhole: false },
    { path: 'component', decode: decodeHashForm, isDeflated: false, isWhole: false },
    { path: 'deflated-literal-element', decode: decodeHashForm, isDeflated: true, isWhole: false },
    { path: 'deflated-component', decode: decodeHashForm, isDeflated: true, isWhole: false },
]

/** What lies below the folders of values. */
export interface ValueFiles {
    readonly byHash: ValueIndex
    /** What is no file of a value, relative to the store's folder. */
    readonly strangers: readonly StoreFile[]
    readonly findings: readonly Finding[]
}

const nameOfValue = /^\/([0-9a-f]{2})\/\1[0-9a-f]{62}$/

/** Lists names and sizes, reads no contents. */
export async function listValueFiles(root: string): Promise<ValueFiles> {
    const lists: { readonly folder: ValueFolder; readonly files: FileList }[] = []
    const strangers: StoreFile[] = []
    const findings: Finding[] = []
    for (const folder of folders) {
        const listing = await listFiles(root, { onlyFolder: folder.path })
        findings.push(...listing.findings)
        const isValue = ({ path }: StoreFile) => nameOfValue.test(path.slice(folder.path.length))
        const areValues = listing.files.every(isValue)
        lists.push({ folder, files: areValues ? listing.files : listing.files.filter(isValue) })
        if (!areValues) strangers.push(...listing.files.filter((file) => !isValue(file)))
    }
    return { byHash: ValueIndex.of(lists), strangers, findings }
}

/**
 * What a file holds, as far as it has the hash in its name.
 * @throws ComplogError `file-system`
 */
export function readValueFile(file: ValueFile): Decoded {
    if (file.file.sizeBytes > valueSizeBytesMax)
        return { problem: `It is larger than ${valueSizeBytesMax} bytes.` }
    return valueIn(file, readWholeFile(file.file, valueSizeBytesMax))
}

/** The same of these bytes. */
export function valueIn({ hash, folder }: ValueFile, stored: Buffer): Decoded {
    if (stored.length === 0) return { problem: 'The file is empty.' }
    const bytes = folder.isDeflated ? inflate(stored, folder.isWhole) : stored
    if ('problem' in bytes) return bytes
    const decoded = folder.decode(bytes, hash)
    if ('problem' in decoded || decoded.hash === hash) return decoded
    return { problem: `Its content has another hash, ${decoded.hash}.` }
}

/** The items of a list of which each has a file of its own; none for all else. */
export function itemsElsewhere({ folder }: ValueFile, value: Value | undefined): readonly ValueHash[] {
    return folder.isWhole || value?.kind !== 'list' ? [] : value.items
}

/** Read at first, to see how long the whole is: no beginning of a hash form is longer when it is packed. */
const beginningSizeBytes = 512

/**
 * Hosts since 2025-04 end a stream without its last block, so one that was cut is read as far as it goes:
 * only the hash tells. The whole may be as long as its beginning says, or as the bound.
 */
function inflate(stored: Buffer, isWhole: boolean): Buffer | ValueProblem {
    const unpack = (bytes: Buffer, maxOutputLength: number) =>
        inflateRawSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength })
    try {
        if (isWhole) return unpack(stored, valueSizeBytesMax)
        const beginning = unpack(stored.subarray(0, beginningSizeBytes), valueSizeBytesMax)
        const sizeBytes = sizeOfHashForm(beginning)
        if (sizeBytes === undefined) return beginning
        if (sizeBytes > valueSizeBytesMax)
            return { problem: `It would be larger than ${valueSizeBytesMax} bytes.` }
        return unpack(stored, Math.max(1, sizeBytes))
    } catch (error) {
        const tooLong = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
        const why = tooLong
            ? 'it is longer than its beginning says, or than the bound'
            : (error as Error).message
        return { problem: `It cannot be unpacked: ${why}.` }
    }
}
