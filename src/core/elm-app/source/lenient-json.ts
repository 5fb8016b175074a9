// JSON as Kalmit read it: with comments, trailing commas, single quotes and names without quotes, and with
// the names of fields in any case. People wrote their map files by hand, and what was read then must be read
// now.

import JSON5 from 'json5'

import { isObject } from '../../json.js'

/** Throws a SyntaxError with the place in its message. Undefined for an empty text. */
export function parseLenientJson(text: string): unknown {
    return /^\s*$/.test(text) ? undefined : JSON5.parse<unknown>(text)
}

export type Fields<Name extends string> = Partial<Readonly<Record<Name, unknown>>>

/**
 * The fields of an object by the names that are looked for, in whatever case they stand there; of several
 * that differ by case alone the last one counts. Undefined where the value is no object. `unknown` takes the
 * names of other fields.
 */
export function fieldsByName<Name extends string>(
    value: unknown,
    names: readonly Name[],
    unknown: string[] = [],
): Fields<Name> | undefined {
    if (!isObject(value)) return undefined
    const known = new Map<string, Name>(names.map((name) => [name.toLowerCase(), name]))
    const fields: Partial<Record<Name, unknown>> = {}
    for (const [key, content] of Object.entries(value)) {
        const name = known.get(key.toLowerCase())
        if (name === undefined) unknown.push(key)
        else fields[name] = content
    }
    return fields
}
