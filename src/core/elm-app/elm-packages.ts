// elm make asks the package site for news even where its home has all that it needs. Without a network that can cost
// seconds of waiting, and with one it changes the home; so where nothing is missing, it is kept from asking.

import { homedir } from 'node:os'
import { join } from 'node:path'
import * as z from 'zod/mini'
import { statIfThere } from './file-access.js'

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

/**
 * Whether an Elm home holds every package that an elm.json names, in that very version. False where it cannot be told.
 * @param elmHome undefined: the compiler's own default
 */
export async function hasAllPackages(elmHome: string | undefined, elmJson: Uint8Array): Promise<boolean> {
    const parsed = applicationSchema.safeParse(jsonOrUndefined(elmJson))
    if (!parsed.success) return false
    const packages = join(elmHome ?? defaultElmHome(), '0.19.1', 'packages')
    const { direct, indirect } = parsed.data.dependencies
    const needed = [
        join(packages, 'registry.dat'),
        ...Object.entries({ ...direct, ...indirect }).map(([name, version]) =>
            join(packages, ...name.split('/'), version, 'src'),
        ),
    ]
    const found = await Promise.all(needed.map((path) => statIfThere(path)))
    return found.every((stats) => stats !== undefined)
}

function defaultElmHome(): string {
    return process.platform === 'win32'
        ? join(process.env['APPDATA'] ?? homedir(), 'elm')
        : join(homedir(), '.elm')
}

function jsonOrUndefined(bytes: Uint8Array): unknown {
    try {
        return JSON.parse(Buffer.from(bytes).toString('utf8'))
    } catch {
        return undefined
    }
}
