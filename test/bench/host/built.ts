// What users run: the built files, not the sources as they are compiled for the tests, which makes every closure dearer.
import type * as Hash from '../../../src/core/composition/hash.js'
import type * as LoadApp from '../../../src/core/elm-app/load-app.js'
import type * as Limits from '../../../src/core/limits.js'
import type * as Feeder from '../../../src/core/process/app-feeder.js'
import type * as Calls from '../../../src/core/process/calls.js'
import type * as Chain from '../../../src/core/process/chain-end.js'
import type * as Commit from '../../../src/core/process/group-commit.js'
import type * as Process from '../../../src/core/process/persistent-process.js'
import type * as Server from '../../../src/host/http-server.js'
import type * as Web from '../../../src/host/web-app.js'

function built<T>(path: string): Promise<T> {
    return import(new URL(`../../../dist/${path}`, import.meta.url).href) as Promise<T>
}

export const { genesis } = await built<typeof Hash>('core/composition/hash.js')
export const { loadElmApp } = await built<typeof LoadApp>('core/elm-app/load-app.js')
export const { defaultLimits } = await built<typeof Limits>('core/limits.js')
export const { AppFeeder } = await built<typeof Feeder>('core/process/app-feeder.js')
export const { takeBatch } = await built<typeof Calls>('core/process/calls.js')
export const { ChainEnd } = await built<typeof Chain>('core/process/chain-end.js')
export const { GroupCommit } = await built<typeof Commit>('core/process/group-commit.js')
export const { PersistentProcess } = await built<typeof Process>('core/process/persistent-process.js')
export const { createHttpServer } = await built<typeof Server>('host/http-server.js')
export const { WebApp } = await built<typeof Web>('host/web-app.js')
