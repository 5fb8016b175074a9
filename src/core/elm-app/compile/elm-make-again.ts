// Compilers of several processes that share a fresh Elm home read each other's half-written files, and elm crashes
// over it (tried: 17 of 320 runs, eight at a time). A moment later the files are whole, so it is tried again.

import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { isCollision } from './compile-errors.js'
import { runElmMake, type ElmMakeOptions, type ElmMakeResult } from './elm-make.js'

const attemptsMax = 4
const pauseMilliseconds = 150

/** Runs `elm make`, and runs it again where it crashed rather than found fault with the app. Errors: as runElmMake. */
export async function runElmMakeAgain(options: ElmMakeOptions): Promise<ElmMakeResult> {
    for (let attempt = 1; ; attempt += 1) {
        const result = await runElmMake(options)
        if (result.succeeded || attempt === attemptsMax || !isCollision(result.report)) return result
        await pause(attempt * pauseMilliseconds)
        await rm(join(options.folder, 'elm-stuff'), { recursive: true, force: true })
    }
}
