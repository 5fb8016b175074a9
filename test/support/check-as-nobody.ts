// Checks a store as a user without rights, for what root is never refused. Runs as a process of its own:
// `check-as-nobody.ts STORE` prints the error that stopped it, as JSON.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

import { ComplogError } from '../../src/core/errors.js'
import { sourceFlags } from './build.js'
import { openAndCheck } from './stores.js'

const nobody = 65534
const thisFile = fileURLToPath(import.meta.url)

export interface Stopped {
    readonly code: string | null
    readonly message: string
    readonly hint?: string | undefined
}

/** What stopped the check; a reason to skip the test where no process without rights can be had. */
export function checkAsNobody(store: string): Stopped | { readonly skip: string } {
    if (process.platform === 'win32') return { skip: 'Windows has no modes' }
    const isRoot = process.getuid?.() === 0
    const { stdout, stderr, status } = spawnSync(process.execPath, [...sourceFlags, thisFile, store], {
        encoding: 'utf8',
        ...(isRoot && { uid: nobody, gid: nobody }),
    })
    if (status !== 0) return { skip: `no process without rights: ${stderr.slice(0, 300)}` }
    return JSON.parse(stdout) as Stopped
}

if (process.argv[1] === thisFile) {
    let stopped: Stopped = { code: null, message: 'nothing' }
    await openAndCheck(process.argv[2] ?? '').catch((error: unknown) => {
        const isOurs = error instanceof ComplogError
        stopped = {
            code: isOurs ? error.code : null,
            message: String(error),
            ...(isOurs && { hint: error.hint }),
        }
    })
    process.stdout.write(JSON.stringify(stopped))
}
