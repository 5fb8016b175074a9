// elm make asks the package site for news even where its home has all that it needs. Without a network that
// can cost seconds of waiting, and with one it changes the home; so where nothing is missing, it is kept from
// asking.
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

import * as z from 'zod/mini'

import { jsonIn } from '../../json.js'
import { statIfThere } from '../source/file-access.js'

const versions = z.record(z.string(), z.string())
const applicationSchema = z.looseObject({
    dependencies: z.looseObject({ direct: versions, indirect: versions }),
})

/** The port that nothing answers on, so that every request is refused at once. */
const deadProxy = 'http://127.0.0.1:9'

/** Environment variables that keep elm from the network. */
export const withoutNetwork: Readonly<Record<string, string>> = {
    http_proxy: deadProxy,
    https_proxy: deadProxy,
    HTTP_PROXY: deadProxy,
    HTTPS_PROXY: deadProxy,
    no_proxy: '',
    NO_PROXY: '',
}

export interface PackagesInHome {
    readonly elmHome: string
    /** Whether every package is there; false also where that cannot be told. */
    readonly isComplete: boolean
    /** Packages that are not there, such as `elm/json 1.1.3`. */
    readonly missing: readonly string[]
}

/**
 * Looks in an Elm home for every package that an elm.json names, in that very version.
 * @param chosen undefined: the compiler's own default
 */
export async function packagesInHome(
    chosen: string | undefined,
    elmJson: Uint8Array,
): Promise<PackagesInHome> {
    const elmHome = chosen ?? defaultElmHome()
    const parsed = applicationSchema.safeParse(jsonIn(Buffer.from(elmJson).toString('utf8')))
    if (!parsed.success) return { elmHome, isComplete: false, missing: [] }
    const packages = join(elmHome, '0.19.1', 'packages')
    const { direct, indirect } = parsed.data.dependencies
    const wanted = Object.entries({ ...direct, ...indirect })
    const found = await Promise.all(
        wanted.map(([name, version]) => statIfThere(join(packages, ...name.split('/'), version, 'src'))),
    )
    const missing = wanted.filter((_, index) => found[index] === undefined).map((entry) => entry.join(' '))
    const isListed = (await statIfThere(join(packages, 'registry.dat'))) !== undefined
    return { elmHome, isComplete: isListed && missing.length === 0, missing }
}

function defaultElmHome(): string {
    return process.platform === 'win32'
        ? join(process.env['APPDATA'] ?? homedir(), 'elm')
        : join(homedir(), '.elm')
}

// Which Elm home is used decides which packages are compiled in, so it is settled once, for the compiler and
// the cache alike.

export interface ElmHomeChoice {
    /** Absolute; undefined leaves the choice to the compiler. */
    readonly path: string | undefined
    /** Named for this very run, so it must be there. One from ELM_HOME elm may create. */
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
