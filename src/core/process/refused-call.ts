// What whoever made a call hears when nothing came of it.
import { ComplogError } from '../errors.js'
import { changeText } from '../restore/start.js'

/** A call that was refused: nothing came of it, and nothing was recorded. The process goes on. */
export class RefusedCall extends ComplogError {
    constructor({ code, message, hint, cause }: ComplogError) {
        super(code, message, { hint, cause })
    }
}

/** Refuses a state that the app does not read as it is given. */
export function refusedState(state: string, written: string): RefusedCall {
    const message = `The app does not read this state as it is given: ${changeText(state, written)} Nothing was recorded.`
    return new RefusedCall(new ComplogError('state-not-understood', message))
}
