// Entrance of core/generations/: what a process store of each generation is, as a value: how it is
// recognised, where its log lies, which bytes of a record are hashed, what gives the order. One file a
// generation; the list of them is in `store-generations.ts`.
//
// The project that hosts came from was Kalmit, then elm-fullstack, elm-time, and Pine. Each generation puts
// its files beside those of the ones before it, and its hosts see no others.

/** The day on which hosts began to write stores of this kind. */
export type StoreGenerationId = '2018-11' | '2020-05-01' | '2020-05-06' | '2021-07-14'

/** What a host does, in the cases in which hosts of several generations do not do the same. */
export interface HostsOfGeneration {
    /** With bytes behind the last line end of a file. */
    readonly tornTail: string
    /** With a line that is no record. */
    readonly malformed: string
    /** With one empty line. */
    readonly emptyLine: string
    /** With a record that is gone, altered, doubled or in another place. */
    readonly chain: string
    /** With a value that is not there. */
    readonly missingValue: string
    /** With a value whose content has another hash. */
    readonly alteredValue: string
    /** With a reduction of which the state or the app is not there. */
    readonly reductionWithoutState: string
    /** With a file in the log that no host wrote. */
    readonly foreignFile: string
}

/** Something below a store's folder that tells its generation. */
export interface Marker {
    /** With `/` at its end a folder, else a file. */
    readonly path: string
    /** What makes it count for nothing where it is there. */
    readonly unless?: string
    /** How a file in the folder, or in one within, is named, without which it counts for nothing. */
    readonly withFile?: RegExp
}

/** How a host finds the app in its sources. */
export interface AppConvention {
    /** What is looked for, as in "hosts look for …". */
    readonly wanted: string
    /** Some source of such an app has each of them. */
    readonly patterns: readonly RegExp[]
    /** The app has functions for a host as it stands: no code need be added to its sources. */
    readonly isWhole?: true
}

/** In which folders values lie. */
export interface ValueFolders {
    readonly folder: string
    /** For long ones; absent where no host of the time would look there. */
    readonly deflatedFolder?: string
}

/** How the sources of an app are kept as a value. */
export interface AppTreeForm {
    /** How a name is written: as UTF-8, or as a list of a blob a code point. */
    readonly names: 'utf-8' | 'code-points'
    /** The folder around them. */
    readonly below?: string
    /** In a folder, files stand before folders; else all by their names. */
    readonly filesFirst?: boolean
}

/** What some hosts of a generation write in another way than those before them; others read no other way. */
export interface WrittenForm {
    /** The first day on which hosts wrote so: what it is called. */
    readonly from: string
    /** Which hosts start on it, as in "hosts …". */
    readonly hosts: string
    /** Absent where records hold all themselves, and no app is kept. */
    readonly kept?: {
        readonly values: ValueFolders
        readonly tree: AppTreeForm
        readonly app: AppConvention
    }
}

/** How complog writes a new store of a generation. */
export interface StoreWriter {
    /** The path of the log file for a moment, below the log's folder; absent where the log has no files. */
    readonly logFileAt?: (time: Date) => string
    /** The bytes of a record of one event; absent where records are those of Kalmit. */
    readonly record?: (event: string, parent: string | undefined) => string
    /** The oldest first. */
    readonly forms: readonly WrittenForm[]
}

/** What a process store of one generation is. */
export interface StoreGeneration {
    readonly id: StoreGenerationId
    /** Whose hosts wrote it, as in "a store of …". */
    readonly project: string
    /** When hosts wrote it, as in "hosts …". */
    readonly written: string
    /** One of them is there where a store is of this generation, and later ones have no marker there. */
    readonly markers: readonly Marker[]
    /** The folder of the log's files below the store's; absent where records are values by hash. */
    readonly logFolder?: string
    /** How the name of a log file looks, relative to that folder. */
    readonly logFileName?: RegExp
    /** Which bytes of a record have its hash: its line, or the hash form of a blob of its line. */
    readonly hashed: 'line' | 'blob'
    /** What gives the order: the parents, a file with the head and the parents, or files and lines. */
    readonly order: 'parents' | 'head-file' | 'files'
    readonly writer: StoreWriter
    /** Absent where complog says it in findings of their own. */
    readonly hosts?: HostsOfGeneration
}
