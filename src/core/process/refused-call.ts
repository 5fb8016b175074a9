// What whoever made a call hears when nothing came of it.
import { ComplogError } from '../errors.js'

/** A call that was refused: nothing came of it, and nothing was recorded. The process goes on. */
export class RefusedCall extends ComplogError {
    constructor({ code, message, hint, cause }: ComplogError) {
        super(code, message, { hint, cause })
    }
}
