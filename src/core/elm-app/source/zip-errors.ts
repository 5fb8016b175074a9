// Whatever is wrong with an archive, it ends the same way: it is refused as a whole, with the reason.

import { ComplogError } from '../../errors.js'

/** An archive that cannot be read to its end. */
export function brokenZip(origin: string, cause: unknown): ComplogError {
    const reason = (cause instanceof Error ? cause.message : String(cause)).replace(/\.$/, '')
    if (/encryption/.test(reason)) return rejectedZip(origin, `it is encrypted`)
    return rejectedZip(origin, `it is broken: ${reason}`, cause)
}

/** An archive that is refused; `problem` is the reason, as the end of a sentence. */
export function rejectedZip(origin: string, problem: string, cause?: unknown): ComplogError {
    return new ComplogError('app-zip-rejected', `The zip ${origin} is refused: ${problem}.`, {
        hint: "Make the zip anew from the app's folder, or give that folder itself: elm-app.map.json beside elm-app/.",
        cause,
    })
}
