// Files as they were listed, in as few bytes as tell them: a store may have hundreds of thousands.
import { type Stats, statSync } from 'node:fs'
import { join, sep } from 'node:path'

/** What is otherwise with a file than its list says. */
export type FileChange = Partial<
    Pick<StoreFile, 'path' | 'absolutePath' | 'sizeBytes' | 'isLink' | 'beginBytes' | 'beginLine'>
>

/** A file of a store as it was when it was listed: a view of a list, so that a spread of it holds nothing. */
export class StoreFile {
    readonly #list: PackedFiles
    readonly #at: number
    readonly #change: FileChange | undefined

    constructor(list: PackedFiles, at: number, change?: FileChange) {
        this.#list = list
        this.#at = at
        this.#change = change
    }

    with(change: FileChange): StoreFile {
        return new StoreFile(this.#list, this.#at, { ...this.#change, ...change })
    }

    /** Relative to the folder that was listed, with `/` between its parts. */
    get path(): string {
        return this.#change?.path ?? this.#list.pathAt(this.#at)
    }

    get absolutePath(): string {
        return this.#change?.absolutePath ?? this.#list.absolutePathAt(this.#at)
    }

    /** Size in bytes when it was listed. What is appended later is not read. */
    get sizeBytes(): number {
        return this.#change?.sizeBytes ?? this.#list.seen(this.#at, 'size')
    }

    /** When it was last written to, as it was listed, in milliseconds since 1970. */
    get modifiedMilliseconds(): number {
        return this.#list.seen(this.#at, 'mtimeMs')
    }

    /** It is reached by a link of its own. */
    get isLink(): true | undefined {
        return this.#change?.isLink
    }

    /** Tells it from a file that is put in its place. */
    get identity(): string {
        const [ino, birthtimeMs] = [
            this.#list.seen(this.#at, 'ino'),
            this.#list.seen(this.#at, 'birthtimeMs'),
        ]
        return identityOf({ ino, birthtimeMs })
    }

    /** It was not looked at when it was listed: whoever asks for more than its path does. */
    get isUnseen(): boolean {
        return this.#change?.sizeBytes === undefined && this.#list.isUnseen(this.#at)
    }

    /** Where to begin to read; default 0. What stands before it counts as cut off. */
    get beginBytes(): number | undefined {
        return this.#change?.beginBytes
    }

    /** Number of the line in which it begins, where that is known; default 1. */
    get beginLine(): number | undefined {
        return this.#change?.beginLine
    }
}

/** What of a file must be known to read it. */
export interface ReadableFile extends Pick<StoreFile, 'path' | 'absolutePath' | 'sizeBytes'> {
    readonly isUnseen?: boolean
    readonly beginBytes?: number | undefined
}

/** What the system says of a file, as far as it is kept. */
export interface FileStats {
    readonly size: number
    readonly mtimeMs: number
    readonly ino: number
    readonly birthtimeMs: number
}

/** What stays as it is when a file is written to, and is another when another file is put in its place. */
export function identityOf({ ino, birthtimeMs }: Pick<FileStats, 'ino' | 'birthtimeMs'>): string {
    // The number alone may be given to a new file as soon as an old one is gone.
    return `${ino} ${birthtimeMs}`
}

/** Files in their order, as an array has them. Each may be a new view each time: paths tell them apart. */
export interface FileList<File = StoreFile> extends Iterable<File> {
    readonly length: number
    at(index: number): File | undefined
    entries(): Iterable<[number, File]>
    slice(from?: number, to?: number): readonly File[]
    with(index: number, file: File): readonly File[]
    map<T>(of: (file: File, index: number) => T): readonly T[]
    flatMap<T>(of: (file: File, index: number) => T | readonly T[]): readonly T[]
    filter(isWanted: (file: File, index: number) => boolean): readonly File[]
    every(isSo: (file: File) => boolean): boolean
    find(isWanted: (file: File) => boolean): File | undefined
    findIndex(isWanted: (file: File) => boolean): number
    findLastIndex(isWanted: (file: File) => boolean): number
}

/** Bytes of all that is to be read of some files. */
export function sizeOfFiles(files: Iterable<Pick<ReadableFile, 'sizeBytes' | 'beginBytes'>>): number {
    let sum = 0
    for (const { sizeBytes, beginBytes = 0 } of files) sum += Math.max(0, sizeBytes - beginBytes)
    return sum
}

/** Everything that is packed, as threads share it. */
export interface FileColumns {
    /** The folder that was listed, with a separator at its end. */
    readonly root: string
    /** Folders below it, each with `/` at its end; the root is the empty one. */
    readonly folders: readonly string[]
    readonly blocks: readonly Block<Uint8Array>[]
    readonly length: number
    /** By the index of a file. */
    readonly changes: ReadonlyMap<number, FileChange>
}

/** A list grows by as many files, without a copy of those that it has. */
const filesPerBlock = 1024

interface Block<Names extends Uint8Array> {
    /** Of each file where its name ends, and its folder. */
    readonly places: Uint32Array
    /** What `statsColumns` lists, NaN for a file that nobody has looked at; absent where that is all. */
    stats?: Float64Array | undefined
    /** Names within their folders, in UTF-8, with nothing between them. */
    names: Names
}

const placeColumns = ['nameEnd', 'folder'] as const
const statsColumns = ['size', 'mtimeMs', 'ino', 'birthtimeMs'] as const
const utf8BytesMax = 3

/** Files below one folder, in the order in which they were added. */
export class PackedFiles implements FileList {
    readonly #root: string
    readonly #folders: string[]
    readonly #blocks: Block<Buffer>[]
    readonly #changes: Map<number, FileChange>
    #length: number
    #last = ''
    #isInOrder = true
    /** What was found of unseen files, as it was at first. */
    readonly #looks = new Map<number, FileStats>()

    constructor({ root, folders, blocks, length, changes }: FileColumns) {
        this.#root = root
        this.#folders = [...folders]
        this.#blocks = blocks.map(({ names, ...numbers }) => ({
            ...numbers,
            names: Buffer.from(names.buffer, names.byteOffset, names.length),
        }))
        this.#length = length
        this.#changes = new Map(changes)
    }

    /** Without files, so far. */
    static below(folder: string): PackedFiles {
        const root = join(folder, sep)
        return new PackedFiles({ root, folders: [], blocks: [], length: 0, changes: new Map() })
    }

    /** Files of whatever list, for threads that read them. */
    static toRead(files: FileList<ReadableFile>): PackedFiles {
        if (files instanceof PackedFiles) return files
        const first = files.at(0)
        const packed = PackedFiles.below(first?.absolutePath.slice(0, -first.path.length) ?? '')
        for (const file of files) {
            const { path, absolutePath, beginBytes } = file
            const stats = { size: file.sizeBytes, mtimeMs: NaN, ino: NaN, birthtimeMs: NaN }
            packed.add(path, file.isUnseen === true ? undefined : stats, {
                ...(packed.#absolute(path) !== absolutePath && { absolutePath }),
                ...(beginBytes !== undefined && { beginBytes }),
            })
        }
        return packed
    }

    get columns(): FileColumns {
        return {
            root: this.#root,
            folders: this.#folders,
            blocks: this.#blocks,
            length: this.#length,
            changes: this.#changes,
        }
    }

    get length(): number {
        return this.#length
    }

    /** @param path relative to the folder @param stats absent: nobody has looked at it @returns its index */
    add(path: string, stats?: FileStats, change?: FileChange): number {
        const nameAt = path.lastIndexOf('/') + 1
        const at = this.addUnseen(path.slice(0, nameAt), path.slice(nameAt))
        if (stats !== undefined) this.see(at, stats)
        if (change !== undefined && Object.keys(change).length > 0) this.#changes.set(at, change)
        return at
    }

    /** The same of one that nobody has looked at. @param folder ends with `/`, or is empty */
    addUnseen(folder: string, name: string): number {
        const at = this.#length++
        const isBeside = at > 0 && this.#folders.at(-1) === folder
        this.#isInOrder &&= isBeside ? this.#last < name : at === 0 || this.pathAt(at - 1) < folder + name
        this.#last = name
        if (!isBeside) this.#folders.push(folder)
        if (at % filesPerBlock === 0) this.#beginBlock()
        const block = this.#blockOf(at)
        const begin = this.#nameBegin(at)
        const sizeBytesMax = begin + name.length * utf8BytesMax
        if (sizeBytesMax > block.names.length) block.names = sharedCopy(block.names, 2 * sizeBytesMax)
        const row = (at % filesPerBlock) * placeColumns.length
        block.places[row] = begin + block.names.write(name, begin)
        block.places[row + 1] = this.#folders.length - 1
        return at
    }

    #beginBlock(): void {
        const last = this.#blocks.at(-1)
        if (last !== undefined) last.names = sharedCopy(last.names, this.#place(this.#length - 2, 'nameEnd'))
        const places = new Uint32Array(new SharedArrayBuffer(filesPerBlock * placeColumns.length * 4))
        this.#blocks.push({ places, names: sharedCopy(Buffer.alloc(0), 0) })
    }

    #place(index: number, column: (typeof placeColumns)[number]): number {
        const row = (index % filesPerBlock) * placeColumns.length
        return this.#blockOf(index).places[row + placeColumns.indexOf(column)] as number
    }

    /** NaN where nobody has looked at it. */
    number(index: number, column: keyof FileStats): number {
        const row = (index % filesPerBlock) * statsColumns.length
        return this.#blockOf(index).stats?.[row + statsColumns.indexOf(column)] ?? NaN
    }

    isUnseen(index: number): boolean {
        return Number.isNaN(this.number(index, 'size'))
    }

    /** Of a file that nobody has looked at yet. */
    see(index: number, { size, mtimeMs, ino, birthtimeMs }: FileStats): void {
        const block = this.#blockOf(index)
        block.stats ??= new Float64Array(new SharedArrayBuffer(filesPerBlock * statsColumns.length * 8)).fill(
            NaN,
        )
        block.stats.set([size, mtimeMs, ino, birthtimeMs], (index % filesPerBlock) * statsColumns.length)
    }

    /** The same of a file that is looked at now where nobody has yet. It stays an unseen one. */
    seen(index: number, column: keyof FileStats): number {
        if (!this.isUnseen(index)) return this.number(index, column)
        const stats = this.#looks.get(index) ?? statOfUnseen(this.absolutePathAt(index))
        this.#looks.set(index, stats)
        return stats[column]
    }

    pathAt(index: number): string {
        const folder = this.#folders[this.#place(index, 'folder')] ?? ''
        const { names } = this.#blockOf(index)
        return folder + names.toString('utf8', this.#nameBegin(index), this.#place(index, 'nameEnd'))
    }

    absolutePathAt(index: number): string {
        return this.#absolute(this.pathAt(index))
    }

    /** The same in the order in which hosts read them: by the code units of their paths. */
    inOrder(): PackedFiles {
        if (this.#isInOrder) return this
        const paths = this.map(({ path }) => path)
        return this.arranged([...paths.keys()].sort((a, b) => inOrder(paths[a] ?? '', paths[b] ?? '')))
    }

    /** Some of the files, in any order. */
    arranged(indices: readonly number[]): PackedFiles {
        const arranged = PackedFiles.below(this.#root)
        for (const at of indices) {
            const copy = arranged.add(this.pathAt(at), undefined, this.#changes.get(at))
            const [size, mtimeMs, ino, birthtimeMs] = statsColumns.map((column) => this.number(at, column))
            arranged.see(copy, { size, mtimeMs, ino, birthtimeMs } as FileStats)
        }
        return arranged
    }

    view(index: number): StoreFile {
        return new StoreFile(this, index, this.#changes.get(index))
    }

    at(index: number): StoreFile | undefined {
        const at = index < 0 ? index + this.length : index
        return at >= 0 && at < this.length ? this.view(at) : undefined
    }

    *[Symbol.iterator](): Generator<StoreFile> {
        for (let at = 0; at < this.length; at++) yield this.view(at)
    }

    *entries(): Generator<[number, StoreFile]> {
        for (let at = 0; at < this.length; at++) yield [at, this.view(at)]
    }

    slice(from = 0, to = this.length): readonly StoreFile[] {
        const indexOf = (at: number) => Math.min(this.length, at < 0 ? Math.max(0, at + this.length) : at)
        const [first, end] = [indexOf(from), indexOf(to)]
        return Array.from({ length: Math.max(0, end - first) }, (_, i) => this.view(first + i))
    }

    with(index: number, file: StoreFile): readonly StoreFile[] {
        return [...this].with(index, file)
    }

    map<T>(of: (file: StoreFile, index: number) => T): readonly T[] {
        return Array.from(this, of)
    }

    flatMap<T>(of: (file: StoreFile, index: number) => T | readonly T[]): readonly T[] {
        return this.map(of).flat() as T[]
    }

    filter(isWanted: (file: StoreFile, index: number) => boolean): readonly StoreFile[] {
        return this.flatMap((file, at) => (isWanted(file, at) ? [file] : []))
    }

    every(isSo: (file: StoreFile) => boolean): boolean {
        return this.findIndex((file) => !isSo(file)) < 0
    }

    find(isWanted: (file: StoreFile) => boolean): StoreFile | undefined {
        const at = this.findIndex(isWanted)
        return at < 0 ? undefined : this.view(at)
    }

    findIndex(isWanted: (file: StoreFile) => boolean): number {
        for (let at = 0; at < this.length; at++) if (isWanted(this.view(at))) return at
        return -1
    }

    findLastIndex(isWanted: (file: StoreFile) => boolean): number {
        let at = this.length - 1
        while (at >= 0 && !isWanted(this.view(at))) at--
        return at
    }

    #blockOf(index: number): Block<Buffer> {
        return this.#blocks[Math.floor(index / filesPerBlock)] as Block<Buffer>
    }

    #nameBegin(index: number): number {
        return index % filesPerBlock === 0 ? 0 : this.#place(index - 1, 'nameEnd')
    }

    #absolute(path: string): string {
        return this.#root + (sep === '/' ? path : path.replaceAll('/', sep))
    }
}

/** What only a look at each file can tell is wanted, as in `listNames`. */
export class UnseenFiles extends Error {}

function statOfUnseen(path: string): FileStats {
    let stats: Stats | undefined
    try {
        stats = statSync(path, { throwIfNoEntry: false })
    } catch {
        // The whole listing says what is wrong with it.
    }
    if (stats?.isFile() !== true) throw new UnseenFiles()
    const { size, mtimeMs, ino, birthtimeMs } = stats
    return { size, mtimeMs, ino, birthtimeMs }
}

export function inOrder(a: string, b: string): number {
    return a < b ? -1 : a > b ? 1 : 0
}

/** In memory that threads share, cut off or with room behind it. */
function sharedCopy(bytes: Buffer, sizeBytes: number): Buffer {
    const copy = Buffer.from(new SharedArrayBuffer(sizeBytes))
    copy.set(bytes.subarray(0, sizeBytes))
    return copy
}
