// elm make hides every function of an app inside one closure. Kalmit opened it by statements inserted before
// the closure's last act; the same is done here, so that an app is called as its host called it.

import { ComplogError } from '../../errors.js'
import { exportCall } from '../source/app-files.js'
import type { AppFunctions } from '../source/app-map.js'

/** Goes up whenever a script would be published otherwise than before. */
export const publishFormatVersion = 1

/** Name under which the published script finds the function that takes what it publishes. */
export const publishParameter = 'complogPublish'

/**
 * The script with a statement that hands out A2 and the app's functions, by the keys of AppFunctions; what
 * the script lacks is handed out as undefined.
 * @throws ComplogError `app-malformed`
 */
export function publishFunctions(script: string, functions: AppFunctions): string {
    const at = script.lastIndexOf(exportCall)
    if (at < 0) throw new ComplogError('app-malformed', 'The script was not written by elm make.')
    const members = [
        `applyTwo: ${orUndefined(['A2'])}`,
        ...Object.entries(functions).map(
            ([key, name]: [string, string]) => `${key}: ${orUndefined(compiledNames(name))}`,
        ),
    ]
    return `${script.slice(0, at)}${publishParameter}({ ${members.join(', ')} });\n${script.slice(at)}`
}

/** Names that elm make gives to a function: Elm 0.19.1's first, then 0.19.0's. */
function compiledNames(elmName: string): readonly string[] {
    const name = `author$project$${elmName.replaceAll('.', '$')}`
    return [`$${name}`, name]
}

function orUndefined(names: readonly string[]): string {
    return names.reduceRight(
        (rest, name) => `typeof ${name} !== 'undefined' ? ${name} : ${rest}`,
        'undefined',
    )
}
