// The files of values by hash, in as few bytes as tell them: a store may have a million.
import { hashSizeBytes } from '../../composition/packed-rows.js'
import type { FileList, StoreFile } from '../../store/listing/list-files.js'
import { PackedHashes } from '../../store/listing/packed-hashes.js'
import type { ValueHash } from './value.js'
import type { Decoded } from './value-forms.js'

export interface ValueFolder {
    readonly path: string
    readonly decode: (bytes: Buffer, expected: ValueHash) => Decoded
    readonly isDeflated: boolean
    /** A file holds all that is in the value. */
    readonly isWhole: boolean
}

/** A file that holds a value. */
export interface ValueFile {
    readonly hash: ValueHash
    readonly folder: ValueFolder
    /** Its path is relative to the store's folder. */
    readonly file: StoreFile
}

/** Files below one folder, in the order of the hashes that they are named after. */
interface FilesOfFolder {
    readonly folder: ValueFolder
    readonly files: FileList
    readonly hashes: PackedHashes
    /** 1 of each that does not count. */
    readonly gone: Uint8Array
}

export class ValueIndex implements Iterable<readonly [ValueHash, readonly ValueFile[]]> {
    readonly #lists: readonly FilesOfFolder[]

    private constructor(lists: readonly FilesOfFolder[]) {
        this.#lists = lists.filter(({ gone }) => gone.includes(0))
    }

    /** Of folders in the order in which hosts look into them, each with nothing but values, in order. */
    static of(lists: readonly Pick<FilesOfFolder, 'folder' | 'files'>[]): ValueIndex {
        return new ValueIndex(
            lists.map(({ folder, files }) => {
                const bytes = Buffer.alloc(files.length * hashSizeBytes)
                for (const [i, { path }] of files.entries())
                    bytes.write(path.slice(-2 * hashSizeBytes), i * hashSizeBytes, 'hex')
                return { folder, files, hashes: new PackedHashes(bytes), gone: new Uint8Array(files.length) }
            }),
        )
    }

    /** How many values have a file. */
    get size(): number {
        const keys = this.keys()
        let size = 0
        while (keys.next().done !== true) size++
        return size
    }

    /** Whether there are files as only hosts since 2025-04 write them. */
    get hasWholeFiles(): boolean {
        return this.#lists.some(({ folder }) => folder.isWhole)
    }

    has(hash: ValueHash): boolean {
        return this.numberOf(hash) >= 0
    }

    /** How many numbers there are. */
    get numbers(): number {
        return this.#lists.reduce((sum, { gone }) => sum + gone.length, 0)
    }

    /** Which of all files is the first of a value; -1 where it has none. */
    numberOf(hash: ValueHash): number {
        let before = 0
        for (const list of this.#lists) {
            const at = indexIn(list, hash)
            if (at >= 0) return before + at
            before += list.gone.length
        }
        return -1
    }

    /** @param number as `numberOf` gives it */
    hashOf(number: number): ValueHash {
        let at = number
        for (const { hashes } of this.#lists) {
            if (at < hashes.size) return hashes.at(at).toLowerCase() as ValueHash
            at -= hashes.size
        }
        throw new RangeError(`No file has the number ${number}.`)
    }

    /** In the order in which hosts look for them. */
    get(hash: ValueHash): readonly ValueFile[] {
        return this.#lists.flatMap((list) => {
            const at = indexIn(list, hash)
            const { folder, files } = list
            return at < 0 ? [] : [{ hash, folder, file: files.at(at) as StoreFile }]
        })
    }

    *keys(): Generator<ValueHash> {
        for (const [i, { hashes, gone }] of this.#lists.entries()) {
            const before = this.#lists.slice(0, i)
            for (const [row, isGone] of gone.entries()) {
                if (isGone === 1) continue
                const at = row * hashSizeBytes
                const hash = hashes.bytes.toString('hex', at, at + hashSizeBytes) as ValueHash
                if (before.every((other) => indexIn(other, hash) < 0)) yield hash
            }
        }
    }

    *[Symbol.iterator](): Generator<readonly [ValueHash, readonly ValueFile[]]> {
        for (const hash of this.keys()) yield [hash, this.get(hash)]
    }

    /** All files, also those behind another with the same value. */
    *files(): Generator<StoreFile> {
        for (const { files, gone } of this.#lists)
            for (const [at, file] of files.entries()) if (gone[at] === 0) yield file
    }

    /** The same without some of the files; itself where all stay. */
    filtered(stays: (file: StoreFile) => boolean): ValueIndex {
        let taken = 0
        const lists = this.#lists.map((list) => {
            const gone = list.gone.slice()
            for (const [at, file] of list.files.entries()) {
                if (gone[at] === 1 || stays(file)) continue
                gone[at] = 1
                taken++
            }
            return { ...list, gone }
        })
        return taken === 0 ? this : new ValueIndex(lists)
    }

    /** With files of values that have none here. */
    plus(other: ValueIndex): ValueIndex {
        const added = other.filtered((file) => !this.has(file.path.slice(-2 * hashSizeBytes) as ValueHash))
        return new ValueIndex([...this.#lists, ...added.#lists])
    }
}

/** -1 for one that has no file there. */
function indexIn({ hashes, gone }: FilesOfFolder, hash: ValueHash): number {
    const at = hashes.indexOf(hash)
    return gone[at] === 0 ? at : -1
}
