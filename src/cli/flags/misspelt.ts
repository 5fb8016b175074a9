// Words of a command line that mean nothing here, and what may have been meant.
import { distance } from 'fastest-levenshtein'

import { ComplogError } from '../../core/errors.js'

/**
 * A sentence that begins with a space, or nothing where no known word is near: none is ever put in its place.
 * @param mark what stands before each word on the command line
 */
export function suggestion(word: string, known: readonly string[], mark = ''): string {
    const begun = word === '' ? [] : known.filter((name) => name.startsWith(word))
    if (begun.length > 0) return ` Did you mean ${eitherOf(begun.map((name) => mark + name))}?`
    // `verfy` is nearer to the first part of `verify-chain` than to all of it.
    const distanceTo = (name: string) =>
        Math.min(distance(word, name), distance(word, name.replace(/-.*/, '')))
    const [nearest = ''] = [...known].sort(
        (a, b) => distanceTo(a) - distanceTo(b) || distance(word, a) - distance(word, b),
    )
    return distanceTo(nearest) <= Math.ceil(word.length / 3) ? ` Did you mean ${mark}${nearest}?` : ''
}

function eitherOf(words: readonly string[]): string {
    const last = words.at(-1) ?? ''
    return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} or ${last}`
}

/**
 * Refuses long flags that are not there, and values of flags that take none. oclif takes such a value for an
 * argument: in a command that makes its store, that makes a store of this name.
 * @param flags what oclif knows them by: name to kind
 * @throws ComplogError `usage`
 */
export function refuseMisspeltFlags(
    argv: readonly string[],
    flags: Readonly<Record<string, { readonly type: 'boolean' | 'option' }>>,
): void {
    for (let at = 0; at < argv.length && argv[at] !== '--'; at++) {
        const [, name, value] = /^--([^=]+)(=.*)?$/s.exec(argv[at] ?? '') ?? []
        if (name === undefined) continue
        const type = Object.hasOwn(flags, name) ? flags[name]?.type : undefined
        if (type === 'option') {
            // What stands behind it is its value, whatever it looks like.
            if (value === undefined) at += 1
        } else if (type === 'boolean' || name === 'help') {
            if (value === undefined) continue
            throw new ComplogError('usage', `--${name} takes no value.`, {
                hint: `Write --${name} alone, or leave it out.`,
            })
        } else {
            const near = suggestion(name, [...Object.keys(flags), 'help'], '--')
            throw new ComplogError('usage', `There is no flag --${name}.${near}`)
        }
    }
}
