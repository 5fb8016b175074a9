// The commands and flags that people and scripts rely on. A change of them must be meant.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import { manifestPath, packageFolder, requireBuild } from '../support/build.js'

requireBuild()

const snapshot = join(packageFolder, 'test/commands/surface.json')
const update = 'UPDATE_SURFACE=1 npm test -- commands/surface'

interface Manifest {
    readonly commands: Readonly<
        Record<
            string,
            {
                readonly args: Readonly<
                    Record<string, { readonly name: string; readonly required?: boolean }>
                >
                readonly flags: Readonly<Record<string, ManifestFlag>>
                readonly aliases: readonly string[]
            }
        >
    >
}

interface ManifestFlag {
    readonly name: string
    readonly type: string
    readonly char?: string
    readonly required?: boolean
    readonly multiple?: boolean
    readonly options?: readonly string[]
    readonly exclusive?: readonly string[]
    readonly default?: unknown
}

function surfaceOf({ commands }: Manifest) {
    return sorted(commands, ({ args, flags, aliases }) => ({
        ...(aliases.length > 0 && { aliases }),
        args: Object.values(args).map(({ name, required = false }) => ({ name, required })),
        flags: sorted(flags, (flag) => ({
            type: flag.type,
            ...(flag.char !== undefined && { char: flag.char }),
            ...(flag.required === true && { required: true }),
            ...(flag.multiple === true && { multiple: true }),
            ...(flag.options !== undefined && { options: flag.options }),
            ...(flag.exclusive !== undefined && { exclusive: flag.exclusive.toSorted() }),
            ...(flag.default !== undefined && { default: flag.default }),
        })),
    }))
}

function sorted<T, U>(record: Readonly<Record<string, T>>, map: (value: T) => U): Record<string, U> {
    const names = Object.keys(record).sort()
    return Object.fromEntries(names.map((name) => [name, map(record[name] as T)]))
}

test('every command, argument and flag is as committed in surface.json', () => {
    const surface = surfaceOf(JSON.parse(readFileSync(manifestPath, 'utf8')) as Manifest)
    if (process.env['UPDATE_SURFACE'] === '1') {
        writeFileSync(snapshot, `${JSON.stringify(surface, null, 2)}\n`)
    }
    const committed = JSON.parse(readFileSync(snapshot, 'utf8')) as unknown
    assert.deepEqual(
        JSON.parse(JSON.stringify(surface)),
        committed,
        `The commands or flags are not those of test/commands/surface.json. If that is meant: ${update}`,
    )
})

test('the commands are these, and none more', () => {
    const { commands } = JSON.parse(readFileSync(manifestPath, 'utf8')) as Manifest
    const names = [
        'append',
        'bisect',
        'compare',
        'convert',
        'files',
        'host',
        'profile',
        'reduce',
        'reorder',
        'repair',
        'replay',
        'search',
        'show',
        'truncate',
        'verify-chain',
    ]
    assert.deepEqual(Object.keys(commands).sort(), names)
})
