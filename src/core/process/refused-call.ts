// What whoever made a call hears when nothing came of it.
import type { AppFailure } from '../elm-app/elm-app.js'
import { ComplogError } from '../errors.js'
import { appError } from '../restore/app-errors.js'

/** A call that was refused: nothing came of it, and nothing was recorded. The process goes on. */
export class RefusedCall extends ComplogError {
    constructor({ code, message, hint, cause }: ComplogError) {
        super(code, message, { hint, cause })
    }
}

/**
 * Refuses events on which the app failed, with the code of that failure.
 * @param obstacle why the state from before cannot stand in the log behind them
 */
export function refusedFailure(failure: AppFailure, obstacle: ComplogError): RefusedCall {
    const { code, message } = appError(failure)
    const why = 'Nothing was recorded, since the state from before cannot be recorded behind it.'
    const details = { hint: obstacle.hint, cause: failure }
    return new RefusedCall(new ComplogError(code, `${message} ${why} ${obstacle.message}`, details))
}
