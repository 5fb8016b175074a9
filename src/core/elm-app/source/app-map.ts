// The map file is the only place that says which Elm functions make up the app, so what is wrong
// with it must be said in its own terms: the key, and what was expected there.

import * as z from 'zod/mini'
import en from 'zod/v4/locales/en.js'

import { ComplogError } from '../../errors.js'
import { type AppFiles, mapFileName } from './app-files.js'
import { fieldsByName, parseLenientJson } from './lenient-json.js'

/** What a map file calls each of the four functions. */
const mapKeys = {
    initState: 'pathToInitialStateFunction',
    processSerializedEvent: 'pathToSerializedEventFunction',
    serializeState: 'pathToSerializeStateFunction',
    deserializeState: 'pathToDeserializeStateFunction',
} as const

/** The four functions, by their Elm names such as `Counter.initState`. */
export type AppFunctions = Readonly<Record<keyof typeof mapKeys, string>>

function functionsBy(nameOf: (key: keyof AppFunctions) => string): AppFunctions {
    const keys = Object.keys(mapKeys) as (keyof AppFunctions)[]
    return Object.fromEntries(keys.map((key) => [key, nameOf(key)])) as AppFunctions
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

/** The names as they are known here, in whatever case they stand there. */
function withKnownNames(json: unknown): unknown {
    const whole = fieldsByName(json, ['WithCustomSerialization'])
    const within = fieldsByName(whole?.WithCustomSerialization, [
        'pathToFileWithElmEntryPoint',
        ...Object.values(mapKeys),
    ])
    return within === undefined ? json : { WithCustomSerialization: within }
}

/**
 * Parses the bytes of a map file. `origin` names it in messages.
 * @throws ComplogError `app-map-malformed`
 */
export function parseAppMap(bytes: Uint8Array, origin: string): AppMap {
    const parsed = mapSchema.safeParse(withKnownNames(parseJson(bytes, origin)), { error: en().localeError })
    if (!parsed.success) {
        const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
        throw malformed(origin, problems.join('; '))
    }
    const map = parsed.data.WithCustomSerialization
    return {
        entryFile: map.pathToFileWithElmEntryPoint.replaceAll('\\', '/').replace(/^(\.?\/)+/, ''),
        functions: functionsBy((key) => map[mapKeys[key]]),
    }
}

/** The four functions by the names that they had in the examples of Kalmit. */
const customaryNames = functionsBy((key) => key)

/** The names by which hosts since 2019-05-28 found them without a map file. */
const conventionalNames: AppFunctions = {
    initState: 'interfaceToHost_initState',
    processSerializedEvent: 'interfaceToHost_processEvent',
    serializeState: 'interfaceToHost_serializeState',
    deserializeState: 'interfaceToHost_deserializeState',
}

/** Modules in which they are looked for, that of the newest hosts first: it may stand for another. */
const conventionalModules = ['Backend.InterfaceToHost_Root', 'Backend.Main', 'Main']

function inModule(module: string, names: AppFunctions): AppFunctions {
    return functionsBy((key) => `${module}.${names[key]}`)
}

/**
 * The four functions of one module of a compiled script, by whichever names it has.
 * @throws ComplogError `usage`
 */
export function functionsOfModule(module: string, script = ''): AppFunctions {
    if (!modulePattern.test(module)) {
        throw new ComplogError('usage', `"${module}" is not the name of an Elm module.`, {
            hint: 'Name the module that holds the four functions, such as Counter or Backend.Main.',
        })
    }
    const byConvention = inModule(module, conventionalNames)
    const hasCustomary = script.includes(compiledName(`${module}.${customaryNames.initState}`))
    return !hasCustomary && script.includes(compiledName(byConvention.initState))
        ? byConvention
        : inModule(module, customaryNames)
}

/** The four functions of a compiled script that has them in a module where hosts looked for them. */
export function conventionalFunctions(script: string): AppFunctions | undefined {
    return conventionalModules
        .map((module) => inModule(module, conventionalNames))
        .find((functions) =>
            Object.values(functions).every((name: string) => script.includes(compiledName(name))),
        )
}

function compiledName(elmName: string): string {
    return `author$project$${elmName.replaceAll('.', '$')} =`
}

/** An app whose functions are found by their names, and its files, one of which may be added. */
export interface ConventionalApp {
    readonly map: AppMap
    readonly files: AppFiles
}

/**
 * Looks for the four functions where hosts since 2019-05-28 did: in `src/Main.elm`, later in
 * `src/Backend/Main.elm`, to which the host itself added a module with a `main`. Undefined where no such
 * module has any of them.
 * @throws ComplogError `app-map-missing` where one has some of them only
 */
export function conventionalApp(files: AppFiles, origin: string): ConventionalApp | undefined {
    for (const module of conventionalModules) {
        const entryFile = `src/${module.replaceAll('.', '/')}.elm`
        const source = Buffer.from(files.get(entryFile) ?? '').toString('utf8')
        const declares = (name: string) => new RegExp(`^${name}(?=\\s)`, 'm').test(source)
        const names = Object.values(conventionalNames)
        const lacking = names.filter((name) => !declares(name))
        if (lacking.length === names.length) continue
        if (lacking.length > 0) {
            throw new ComplogError(
                'app-map-missing',
                `${entryFile} in ${origin} has functions for a host, but lacks ${lacking.join(' and ')}.`,
                {
                    hint: 'Hosts since 2020-06 made what is missing themselves. Write it, by the types of the state.',
                },
            )
        }
        if (declares('main'))
            return { map: { entryFile, functions: inModule(module, conventionalNames) }, files }
        return withRootModule(module, files)
    }
    return undefined
}

/** The app with a module on top that keeps the compiler from dropping what nobody in the app calls. */
function withRootModule(module: string, files: AppFiles): ConventionalApp {
    const [root = ''] = conventionalModules
    const entryFile = `src/${root.replaceAll('.', '/')}.elm`
    const functions = inModule(root, conventionalNames)
    const source = [
        `module ${root} exposing (..)`,
        `import ${module}`,
        ...Object.values(conventionalNames).map((name) => `${name} = ${module}.${name}`),
        `main = Platform.worker
    { init = \\() -> ( interfaceToHost_initState, Cmd.none )
    , update = \\event state ->
        ( interfaceToHost_processEvent event state
            |> Tuple.first |> interfaceToHost_serializeState |> interfaceToHost_deserializeState
        , Cmd.none
        )
    , subscriptions = \\_ -> Sub.none
    }`,
    ].join('\n\n')
    return {
        map: { entryFile, functions },
        files: new Map([...files, [entryFile, Buffer.from(`${source}\n`)]]),
    }
}

/** What a map file must say for an app, as an example of it. */
export function exampleMap(files: AppFiles): string {
    const entryFile = [...files.keys()].filter((path) => path.endsWith('.elm')).sort()[0] ?? 'Main.elm'
    const module = entryFile
        .replace(/^src\//, '')
        .replace(/\.elm$/, '')
        .replaceAll('/', '.')
    const names = inModule(module, customaryNames)
    return JSON.stringify({
        WithCustomSerialization: {
            pathToFileWithElmEntryPoint: entryFile,
            pathToInitialStateFunction: names.initState,
            pathToSerializedEventFunction: names.processSerializedEvent,
            pathToSerializeStateFunction: names.serializeState,
            pathToDeserializeStateFunction: names.deserializeState,
        },
    })
}

function parseJson(bytes: Uint8Array, origin: string): unknown {
    try {
        return parseLenientJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
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
