// What commands print with --json, held against the schemas that ship with the package.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { Ajv2020, type AnySchemaObject } from 'ajv/dist/2020.js'
import type { z } from 'zod'

import type { error, warning } from '../../src/cli/json/common.js'
import type { Profiled, Replayed, ResultOf, VerifiedChain } from '../../src/cli/json/results.js'
import type { CommandName } from '../../src/cli/json/versions.js'
import { schemasFolder } from './build.js'
import { type CliOptions } from './cli.js'
import { warmComplog } from './warm.js'

interface Common {
    readonly exitCode: number | null
    readonly warnings: readonly z.infer<typeof warning>[]
}

/** Of a store of Kalmit's generations, as most tests have it. */
type KalmitResultOf<Name extends CommandName> = Name extends 'verify-chain'
    ? VerifiedChain
    : Name extends 'replay'
      ? Replayed
      : Name extends 'profile'
        ? Profiled
        : ResultOf<Name>

export type Envelope<Name extends CommandName> = Common &
    (
        | { readonly status: 'ok' | 'no'; readonly result: KalmitResultOf<Name> }
        | { readonly status: 'error'; readonly error: z.infer<typeof error> }
    )

// Each is used a few times a process: to compile it well takes longer than that.
const ajv = new Ajv2020({ strict: true, allErrors: true, code: { optimize: false } })
// Each is compiled when it is asked for: most files of tests need one or two, and all take a second.
for (const file of readdirSync(schemasFolder))
    ajv.addSchema(JSON.parse(readFileSync(join(schemasFolder, file), 'utf8')) as AnySchemaObject)

/** What is wrong with an envelope, by the schema that it names itself; nothing where all is well. */
export function problemsOf(envelope: unknown): readonly string[] {
    const { schema } = envelope as { schema?: string }
    const validate = ajv.getSchema(schema ?? '')
    if (validate === undefined) return [`There is no schema ${schema ?? ''}.`]
    if (validate(envelope)) return []
    return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath}: ${message ?? ''}`)
}

/** Runs a command with --json, and checks what must hold of every envelope. */
export async function complogJson<Name extends CommandName>(
    command: Name,
    args: readonly string[],
    options: CliOptions = {},
): Promise<Envelope<Name>> {
    const { exitCode, stdout, stderr } = await warmComplog([command, ...args, '--json'], options)
    const envelope = JSON.parse(stdout) as Envelope<Name> & { schema: string }
    assert.deepEqual(problemsOf(envelope), [])
    assert.equal(envelope.schema, `complog/${command}/1`)
    assert.equal(stderr, '')
    assert.equal(envelope.status === 'ok', exitCode === 0)
    // Others than 3 with a result: the answer is no, and a file could not be read, or an app could not replay.
    const isNo = [3, 12, 14, 15, 16].includes(exitCode ?? 0)
    assert.equal(envelope.status === 'no', isNo && envelope.status !== 'error')
    return { ...envelope, exitCode }
}

/** The result of a command that must have succeeded, or have answered no where that is expected. */
export async function resultOf<Name extends CommandName>(
    command: Name,
    args: readonly string[],
    expected: 'ok' | 'no' = 'ok',
): Promise<KalmitResultOf<Name>> {
    const envelope = await complogJson(command, args)
    assert.equal(envelope.status, expected, JSON.stringify(envelope, null, 2))
    return (envelope as { result: KalmitResultOf<Name> }).result
}

/** The error of a command that must have been stopped. */
export async function errorOf(
    command: CommandName,
    args: readonly string[],
    options: CliOptions = {},
): Promise<z.infer<typeof error> & { readonly exitCode: number | null }> {
    const envelope = await complogJson(command, args, options)
    assert.equal(envelope.status, 'error', JSON.stringify(envelope, null, 2))
    return { ...(envelope as { error: z.infer<typeof error> }).error, exitCode: envelope.exitCode }
}
