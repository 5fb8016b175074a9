import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'

import ts from 'typescript'

import {
    appending,
    exitCodeHelp,
    exitCodeOf,
    exitCodes,
    withApp,
    withAppAndRun,
    writingWithApp,
    writingWithoutApp,
} from '../../src/cli/exit-codes.js'
import type { ErrorCode } from '../../src/core/errors.js'
import { packageFolder } from '../support/build.js'

const source = (path: string) => join(packageFolder, 'src', path)

/** The codes, read from their type: the table must not leave one out by a cast. */
function errorCodes(): readonly ErrorCode[] {
    const path = source('core/errors.ts')
    const file = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest)
    const type = file.statements.find(
        (statement) => ts.isTypeAliasDeclaration(statement) && statement.name.text === 'ErrorCode',
    )
    assert.ok(type && ts.isTypeAliasDeclaration(type) && ts.isUnionTypeNode(type.type))
    return type.type.types.map((member) => {
        assert.ok(ts.isLiteralTypeNode(member) && ts.isStringLiteral(member.literal))
        return member.literal.text as ErrorCode
    })
}

/** The table of the design: every code of an error by the number that it ends with. */
const table: Readonly<Record<number, readonly ErrorCode[]>> = {
    2: [
        'usage',
        'unknown-ref',
        'ambiguous-ref',
        'not-confirmed',
        'script-not-allowed',
        'output-not-empty',
        'condition-failed',
    ],
    3: ['reduction-differs', 'restore-regressed'],
    10: ['no-process-store'],
    11: ['store-locked'],
    12: [
        'broken-chain',
        'two-heads',
        'torn-tail',
        'not-in-order',
        'error-findings',
        'no-reduction',
        'state-not-understood',
        'events-not-understood',
        'store-changed',
        'generation-not-read',
    ],
    14: [
        'app-not-found',
        'app-malformed',
        'app-map-missing',
        'app-map-malformed',
        'app-function-missing',
        'app-zip-rejected',
        'app-compile-failed',
        'app-packages-missing',
        'app-compiler-missing',
    ],
    15: ['app-threw', 'app-timed-out', 'app-out-of-memory'],
    16: ['file-system', 'lock-unsupported'],
    17: ['limit-exceeded'],
    18: ['run-gave-up'],
    130: ['interrupted'],
}

describe('exit codes', () => {
    test('every code of an error ends with the number that the design gives it', () => {
        for (const [number, codes] of Object.entries(table)) {
            for (const code of codes) assert.equal(exitCodeOf(code), Number(number), code)
        }
        assert.deepEqual(Object.values(table).flat().sort(), [...errorCodes()].sort())
    })

    test('an answer ends with 0 or 3, and a bug of ours with 1', () =>
        assert.deepEqual(exitCodes, { ok: 0, bug: 1, no: 3 }))

    test('the help of a command lists each of its codes once, in order, with what it means', () => {
        for (const codes of [withApp, withAppAndRun, writingWithApp, writingWithoutApp, appending]) {
            const [heading, ...lines] = exitCodeHelp(codes).split('\n')
            assert.equal(heading, 'Exit codes:')
            assert.deepEqual(
                lines.map((line) => Number(line.slice(0, 4))),
                [...codes],
            )
            for (const line of lines) assert.match(line, /^\d+ +\S.{5,}$/)
        }
    })

    test('the help leaves out only what a command cannot end with', () => {
        const used = new Set([...Object.values(exitCodes), ...Object.keys(table).map(Number)])
        const sorted = () => [...used].sort((a, b) => a - b)
        used.delete(exitCodeOf('run-gave-up'))
        assert.deepEqual([...writingWithApp], sorted())
        // What only reads takes no lock, so it finds none.
        used.delete(exitCodeOf('store-locked'))
        assert.deepEqual([...withApp], sorted())
        used.add(exitCodeOf('run-gave-up'))
        assert.deepEqual([...withAppAndRun], sorted())
    })
})
