// What long work tells about itself, as data: the core knows no terminal.

/** What the work is at. */
export type Activity =
    | 'check'
    | 'order'
    | 'load-app'
    | 'replay'
    | 'check-reductions'
    | 'prove'
    | 'archive'
    | 'cut'
    | 'rewrite'
    | 'measure'
    | 'search'
    | 'test'
    | 'compare'

/** How far the work is. */
export interface Progress {
    readonly activity: Activity
    /** How much is done, and of how much, in `unit`. A total of 0 means that nobody knows. */
    readonly done: number
    readonly total: number
    readonly unit: 'bytes' | 'records' | 'runs' | 'states'
}

/** How a caller follows and ends long work. */
export interface WorkOptions {
    /** Ends the work at the next safe boundary; it then throws the signal's reason. */
    readonly signal?: AbortSignal | undefined
    readonly onProgress?: ((progress: Progress) => void) | undefined
}
