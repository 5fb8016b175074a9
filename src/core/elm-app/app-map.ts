// The map file is the only place that says which Elm functions make up the app, so what is wrong
// with it must be said in its own terms: the key, and what was expected there.

import en from 'zod/v4/locales/en.js'
import * as z from 'zod/mini'
import { ComplogError } from '../errors.js'
import { mapFileName } from './app-files.js'

/** The four functions, by their Elm names such as `Counter.initState`. */
export interface AppFunctions {
    readonly initState: string
    readonly processSerializedEvent: string
    readonly serializeState: string
    readonly deserializeState: string
}

export interface AppMap {
    /** Path relative to `elm-app/`, with `/` between its parts. */
    readonly entryFile: string
    readonly functions: AppFunctions
}

const modulePattern = /^\p{Lu}[\p{L}\p{N}_]*(\.\p{Lu}[\p{L}\p{N}_]*)*$/u
const functionPattern = /^(\p{Lu}[\p{L}\p{N}_]*\.)+\p{Ll}[\p{L}\p{N}_]*$/u

const functionName = z
    .string()
    .check(z.regex(functionPattern, 'expected a module and a function, such as "Counter.initState"'))

const mapSchema = z.object({
    WithCustomSerialization: z.object({
        pathToFileWithElmEntryPoint: z.string().check(z.regex(/\.elm$/, 'expected a path that ends in .elm')),
        pathToInitialStateFunction: functionName,
        pathToSerializedEventFunction: functionName,
        pathToSerializeStateFunction: functionName,
        pathToDeserializeStateFunction: functionName,
    }),
})

/**
 * Parses the bytes of a map file. `origin` names it in messages.
 * Errors: `app-map-malformed`.
 */
export function parseAppMap(bytes: Uint8Array, origin: string): AppMap {
    const parsed = mapSchema.safeParse(parseJson(bytes, origin), { error: en().localeError })
    if (!parsed.success) {
        const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
        throw malformed(origin, problems.join('; '))
    }
    const map = parsed.data.WithCustomSerialization
    return {
        entryFile: map.pathToFileWithElmEntryPoint.replaceAll('\\', '/').replace(/^(\.?\/)+/, ''),
        functions: {
            initState: map.pathToInitialStateFunction,
            processSerializedEvent: map.pathToSerializedEventFunction,
            serializeState: map.pathToSerializeStateFunction,
            deserializeState: map.pathToDeserializeStateFunction,
        },
    }
}

/** The four functions by Kalmit's customary names in one module. Errors: `usage`. */
export function functionsOfModule(module: string): AppFunctions {
    if (!modulePattern.test(module)) {
        throw new ComplogError('usage', `"${module}" is not the name of an Elm module.`, {
            hint: 'Name the module that holds the four functions, such as Counter or Backend.Main.',
        })
    }
    return {
        initState: `${module}.initState`,
        processSerializedEvent: `${module}.processSerializedEvent`,
        serializeState: `${module}.serializeState`,
        deserializeState: `${module}.deserializeState`,
    }
}

function parseJson(bytes: Uint8Array, origin: string): unknown {
    try {
        return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    } catch (error) {
        throw malformed(origin, error instanceof Error ? error.message : 'not JSON', error)
    }
}

function malformed(origin: string, problem: string, cause?: unknown): ComplogError {
    return new ComplogError('app-map-malformed', `The map file ${origin} cannot be used: ${problem}`, {
        hint:
            `${mapFileName} must be {"WithCustomSerialization": {...}} with pathToFileWithElmEntryPoint, ` +
            'pathToInitialStateFunction, pathToSerializedEventFunction, pathToSerializeStateFunction and ' +
            'pathToDeserializeStateFunction.',
        cause,
    })
}
