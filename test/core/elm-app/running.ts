// Starting the stand-in app the way every test does: closed when the test is over.

import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'

import { publishFunctions } from '../../../src/core/elm-app/compile/publish.js'
import { functionsOfModule } from '../../../src/core/elm-app/source/app-map.js'
import { AppFailure } from '../../../src/core/elm-app/thread/app-failure.js'
import type { ElmAppInstance, InputBatch } from '../../../src/core/elm-app/thread/instance.js'
import { type AppRunOptions, RunningApp } from '../../../src/core/elm-app/thread/running-app.js'
import { defaultLimits, type Limits } from '../../../src/core/limits.js'
import { standInScript } from './stand-in-app.js'

export const functions = functionsOfModule('Counter')

export async function start(
    t: TestContext,
    options: Partial<Omit<AppRunOptions, 'limits'>> & { limits?: Partial<Limits> } = {},
): Promise<ElmAppInstance> {
    const app = await RunningApp.start({
        script: publishFunctions(standInScript, functions),
        functions,
        signal: undefined,
        onAppLog: undefined,
        ...options,
        limits: { ...defaultLimits, ...options.limits },
    })
    t.after(() => app.close())
    return app
}

export function events(...inputs: readonly string[]): InputBatch {
    return { inputs, kinds: new Uint8Array(inputs.length), collectResponses: true }
}

export async function failureOf(call: Promise<unknown>): Promise<AppFailure> {
    const error = await call.then(
        () => undefined,
        (reason: unknown) => reason,
    )
    assert.ok(error instanceof AppFailure, String(error))
    return error
}
