// Apps of 2019 say elm-version 0.19.0, which the 0.19.1 compiler refuses although it compiles them. Only the
// copy that is compiled is changed, and everything in it that can do harm or mislead is looked at here.

import * as z from 'zod/mini'

import { ComplogError } from '../../errors.js'
import { jsonIn } from '../../json.js'

const elmJsonSchema = z.looseObject({
    type: z.optional(z.unknown()),
    'elm-version': z.optional(z.unknown()),
    'source-directories': z.optional(z.array(z.string())),
})

export interface PreparedElmJson {
    readonly bytes: Uint8Array
    readonly notes: readonly string[]
}

/**
 * Makes an elm.json fit for the compiler. One that does not parse is passed on as it is: the compiler
 * explains that better.
 * @throws ComplogError `app-malformed` where it is a package's, which the compiler makes no script of, or
 * reads folders outside of the app
 */
export function prepareElmJson(bytes: Uint8Array): PreparedElmJson {
    const parsed = elmJsonSchema.safeParse(jsonIn(Buffer.from(bytes).toString('utf8')))
    if (!parsed.success) return { bytes, notes: [] }
    if (parsed.data.type === 'package') throw isPackage()
    for (const folder of parsed.data['source-directories'] ?? []) refuseOutside(folder)
    if (parsed.data['elm-version'] !== '0.19.0') return { bytes, notes: [] }
    return {
        bytes: Buffer.from(JSON.stringify({ ...parsed.data, 'elm-version': '0.19.1' }, null, 4)),
        notes: ['elm.json says elm-version 0.19.0; compiled as 0.19.1 in a copy'],
    }
}

function isPackage(): ComplogError {
    return new ComplogError(
        'app-malformed',
        'elm.json says "type": "package": the Elm project of an app must be an application.',
        {
            hint: 'Use the elm.json that the app was built with, which says "type": "application" and names each package in one version.',
        },
    )
}

function refuseOutside(folder: string): void {
    const parts = folder.split(/[/\\]/)
    if (!parts.includes('..') && !/^([/\\]|[a-z]:)/i.test(folder)) return
    throw new ComplogError(
        'app-malformed',
        `elm.json has the source directory ${JSON.stringify(folder)}, which lies outside of the app.`,
        { hint: 'Kalmit compiles what is in elm-app/ only: put that code there.' },
    )
}
