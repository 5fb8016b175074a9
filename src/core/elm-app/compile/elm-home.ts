// Which Elm home is used decides which packages are compiled in, so it is settled once, for the compiler and
// the cache alike.

import { resolve } from 'node:path'

export interface ElmHomeChoice {
    /** Absolute; undefined leaves the choice to the compiler. */
    readonly path: string | undefined
    /**
     * Named for this very run, so a path that is not there is a mistake. One from ELM_HOME elm may create.
     */
    readonly mustExist: boolean
}

/** The Elm home of the option, else of ELM_HOME, else the compiler's default. */
export function chooseElmHome(option: string | undefined): ElmHomeChoice {
    if (option !== undefined) return { path: resolve(option), mustExist: true }
    const inherited = process.env['ELM_HOME']
    // Resolved here, since the compiler runs in another folder.
    if (inherited !== undefined && inherited !== '') return { path: resolve(inherited), mustExist: false }
    return { path: undefined, mustExist: false }
}
