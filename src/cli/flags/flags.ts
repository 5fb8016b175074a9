// Entrance of cli/flags/: what a command line may say, and what was meant where it says something else.
//
// Flags that several commands take, each described once.
import { constants } from 'node:buffer'

import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import type { InferredFlags } from '@oclif/core/interfaces'

import { parseRef, type Ref } from '../../core/composition/ref.js'
import type { LoadElmAppOptions, LoadedElmApp } from '../../core/elm-app/elm-app.js'
import { ComplogError } from '../../core/errors.js'
import type { Limits } from '../../core/limits.js'
import type { WorkOptions } from '../../core/progress.js'
import { type LaterStore, laterNotRead } from '../../core/store/recognise.js'
import { printable } from '../text/printable.js'
import { parseDuration, parseFraction, parseSize, parseTimeout } from '../text/units.js'

// An unset variable of a script must not mean the working directory.
function storePath(text: string): Promise<string> {
    if (text === '') throw new ComplogError('usage', 'STORE is an empty text.')
    return Promise.resolve(text)
}

export const storeArgument = {
    store: Args.string({
        name: 'STORE',
        description: 'process store, its composition folder, or a single log file',
        required: true,
        parse: storePath,
    }),
}

export const newStoreArgument = {
    store: Args.string({
        name: 'STORE',
        description: 'folder of the process store; made where it is not there',
        required: true,
        parse: storePath,
    }),
}

/** For the help of commands that take a REF. */
export const refHelp =
    'REF names a record: a hash or at least 6 of its first digits; head; first; #12, the twelfth record of the chain; @2019-04-28T13:05, the last one at or before that time (UTC). With ~3 behind it, the third before that one.'

/** What makes a flag of a function that reads its value. */
export function valueBy<Value>(helpValue: string, read: (text: string) => Value) {
    return { helpValue, parse: (text: string) => new Promise<Value>((resolve) => resolve(read(text))) }
}

export const refFlag = Flags.custom<Ref>(valueBy('REF', parseRef))

export const headFlag = refFlag({
    description: 'the record that counts as the head, where the log leaves a choice',
})

export const fractionFlag = Flags.custom<number>(valueBy('PERCENT', parseFraction))
export const sizeFlag = Flags.custom<number>(valueBy('SIZE', parseSize))
export const durationFlag = Flags.custom<number>(valueBy('TIME', parseDuration))
export const timeoutFlag = Flags.custom<number>(valueBy('TIME', parseTimeout))

export const limitFlags = {
    'max-line-size': sizeFlag({
        description: 'longest line that is read as a record [default: 256MiB]',
        helpGroup: 'LIMIT',
    }),
}

export const appFlags = {
    app: Flags.string({
        helpValue: 'APP',
        description:
            'folder with elm-app.map.json, elm-app.zip, web-app-config.zip, or a script compiled by elm make',
        helpGroup: 'APP',
    }),
    entry: Flags.string({
        helpValue: 'MODULE',
        description: 'module of the app functions, for a compiled script without a map file',
        helpGroup: 'APP',
    }),
    'allow-script': Flags.boolean({
        description: 'run a compiled script, which unlike Elm sources may hold any JavaScript',
        helpGroup: 'APP',
    }),
    'elm-home': Flags.string({
        helpValue: 'DIR',
        description: 'where the Elm compiler keeps packages [default: $ELM_HOME or ~/.elm]',
        helpGroup: 'APP',
    }),
    'no-cache': Flags.boolean({ description: 'compile anew, and keep nothing', helpGroup: 'APP' }),
    'app-log': Flags.boolean({
        description: 'show what the app writes with Debug.log on stderr',
        helpGroup: 'APP',
    }),
    'event-timeout': durationFlag({
        description: 'longest time for one event [default: 60s]',
        helpGroup: 'LIMIT',
    }),
    'app-heap': sizeFlag({
        description: 'largest JavaScript heap of the app [default: 4GiB]',
        helpGroup: 'LIMIT',
    }),
    ...limitFlags,
}

export type AppFlagValues = InferredFlags<typeof appFlags>
/** Of a command without an app, the first alone. */
type LimitFlagValues = Partial<Pick<AppFlagValues, 'max-line-size' | 'event-timeout' | 'app-heap'>>

/** @throws ComplogError `usage` */
export function limitsFrom(flags: LimitFlagValues): Partial<Limits> {
    const lineSize = flags['max-line-size'] ?? 0
    if (lineSize > constants.MAX_STRING_LENGTH) {
        throw new ComplogError(
            'usage',
            `--max-line-size goes up to ${constants.MAX_STRING_LENGTH} bytes here: no longer line fits into a string.`,
        )
    }
    return {
        ...(flags['max-line-size'] !== undefined && { lineSizeBytesMax: flags['max-line-size'] }),
        ...(flags['event-timeout'] !== undefined && { eventTimeMillisecondsMax: flags['event-timeout'] }),
        ...(flags['app-heap'] !== undefined && {
            appHeapMebibytesMax: Math.max(1, Math.round(flags['app-heap'] / 1024 ** 2)),
        }),
    }
}

/** A note of an app. */
export function asSentence(text: string): string {
    // The name of a file stays as it is.
    const isName = /^\S+\.\w/.test(text)
    const first = text.charAt(0)
    return `${isName ? first : first.toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`
}

/**
 * Refuses what a command does on stores of before 2020-05 alone.
 * @throws ComplogError `generation-not-read`
 */
export function refuseForLater(store: LaterStore, flags: object, names: readonly string[]): void {
    const given = new Map<string, unknown>(Object.entries(flags))
    const name = names.find((each) => ![undefined, false].includes(given.get(each) as undefined))
    if (name === undefined) return
    const { message, hint } = laterNotRead(store)
    const instead =
        name === 'app'
            ? ' `complog replay --app` restores with apps of 2020-05 to 2021-07: with `--until HASH` from the reduction of a record, with `--from-genesis` without any.'
            : ''
    throw new ComplogError('generation-not-read', `${message} --${name} is not for such a store.`, {
        hint: `Run it without --${name}.${instead} ${hint ?? ''}`,
    })
}

/** @throws ComplogError `usage` */
export function requireApp(path: string | undefined): string {
    if (path !== undefined) return path
    throw new ComplogError(
        'usage',
        'Which app? The state of a log means nothing without the app that wrote it.',
        {
            hint: 'Name it with --app: a Kalmit folder, elm-app.zip, web-app-config.zip, or a compiled script.',
        },
    )
}

/** How a command's work is followed and interrupted. */
export type CommandWork = WorkOptions & Partial<Pick<LoadElmAppOptions, 'onTemporaryFiles'>>

/**
 * Loads the app that the flags describe.
 * @throws ComplogError `usage` where they name none
 */
export async function loadAppFrom(
    flags: AppFlagValues & Pick<LoadElmAppOptions, 'files'>,
    { signal, onTemporaryFiles }: CommandWork,
): Promise<LoadedElmApp> {
    const path = requireApp(flags.app)
    const { loadElmApp } = await import('../../core/elm-app/load-app.js')
    return loadElmApp({
        path,
        files: flags.files,
        entry: flags.entry,
        allowScript: flags['allow-script'],
        elmHome: flags['elm-home'],
        cache: !flags['no-cache'],
        limits: limitsFrom(flags),
        signal,
        onTemporaryFiles,
        onAppLog: flags['app-log'] ? (text) => void process.stderr.write(`${printable(text)}\n`) : undefined,
    })
}
