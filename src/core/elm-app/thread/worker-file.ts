// The file that the app's own thread starts from, and the flags that it starts with.
import { workerExtension, workerFlags } from '../../worker-flags.js'
import { threadPermissions } from './thread-permissions.js'

/** The module that the app's thread runs. */
export const workerFile = new URL(`./app-worker${workerExtension}`, import.meta.url)

/** Node flags for the app's thread. From the sources it has all permissions, which their translator needs. */
export function appThreadFlags(): string[] {
    // A warning that nobody reads, such as the one that permissions are an experiment, would keep the process alive.
    return workerExtension === '.js' ? [...threadPermissions(), '--no-warnings'] : workerFlags()
}
