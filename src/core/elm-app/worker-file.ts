// The file that the app's own thread starts from.
import { workerExtension } from '../worker-flags.js'

export { workerFlags } from '../worker-flags.js'

/** The module that the app's thread runs. */
export const workerFile = new URL(`./app-worker${workerExtension}`, import.meta.url)
