import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import { Errors } from '@oclif/core'

import { describeError, wantsJson } from '../../src/cli/report-error.js'
import { placeText } from '../../src/cli/text/printable.js'
import { ComplogError } from '../../src/core/errors.js'

const helpFooter = '\nSee more help with --help'

describe('an error of ours', () => {
    test('keeps its code, place, hint and the output of another program', () => {
        const place = { file: 'a.jsonl', line: 3, offsetBytes: 120, sizeBytes: 40 }
        const error = new ComplogError('torn-tail', 'Torn.', { place, hint: 'Mend it.', output: 'report' })
        assert.deepEqual(describeError(error, 'replay'), {
            exitCode: 12,
            json: { code: 'torn-tail', message: 'Torn.', place, hint: 'Mend it.', output: 'report' },
        })
    })

    test('points to the help of the command where the command line is wrong and nothing else helps', () => {
        const { json } = describeError(new ComplogError('usage', 'No.'), 'reorder')
        assert.equal(json.hint, 'See the help: complog reorder --help.')
        assert.equal(describeError(new ComplogError('interrupted', 'No.'), 'reorder').json.hint, null)
    })

    test('loses what oclif puts around it while it parses a flag', () => {
        const message = `Parsing --until \n\t"x" does not name a record.${helpFooter}`
        const { json, exitCode } = describeError(new ComplogError('usage', message, { hint: 'Use #1.' }))
        assert.equal(json.message, '--until: "x" does not name a record.')
        assert.deepEqual([exitCode, json.hint], [2, 'Use #1.'])
    })
})

describe('an error of oclif about the command line', () => {
    const messages: Readonly<Record<string, string>> = {
        'Nonexistent flag: --bogus': 'There is no flag --bogus.',
        'Missing 1 required arg:\nstore  process store, its\n       folder':
            'STORE is missing: process store, its folder.',
        'The following error occurred:\n  \u001B[2m--a=true cannot also be provided when using --b\u001B[22m':
            '--a cannot also be provided when using --b.',
        'Parsing --runs \n\tExpected an integer but received: x':
            '--runs: Expected an integer but received: x',
    }
    for (const [message, told] of Object.entries(messages)) {
        test(`says in one form: ${told}`, () => {
            const error = new Errors.CLIError(message + helpFooter)
            assert.deepEqual(describeError(error, 'profile'), {
                exitCode: 2,
                json: {
                    code: 'usage',
                    message: told,
                    place: null,
                    hint: 'See the help: complog profile --help.',
                    output: null,
                },
            })
        })
    }

    test('names the list of commands where there was no command', () =>
        assert.equal(describeError(new Errors.CLIError('No.')).json.hint, 'List the commands: complog help.'))
})

describe('anything else', () => {
    test('is a bug of ours: exit code 1, with the stack to report', () => {
        for (const thrown of [new TypeError('x is not a function'), 'text', undefined, null]) {
            const { exitCode, json } = describeError(thrown, 'replay')
            assert.deepEqual([exitCode, json.code], [1, 'bug'])
            assert.match(json.message, /bug in complog/)
            assert.notEqual(json.output, null)
        }
        const { output } = describeError(new TypeError('x is not a function')).json
        assert.match(output ?? '', /^TypeError: x is not a function\n {4}at /)
    })
})

describe('a place', () => {
    test('is file and line as editors take them, and the byte for what has no lines', () => {
        assert.equal(placeText({ file: 'd/a', line: 2, offsetBytes: 7, sizeBytes: 1 }), 'd/a:2 (byte 7)')
        assert.equal(placeText({ file: 'd/a', offsetBytes: 7, sizeBytes: 1 }), 'd/a (byte 7)')
    })
})

describe('the wish for JSON', () => {
    test('is heard wherever --json stands, but not as a text behind --', () => {
        assert.equal(wantsJson(['replay', 'store', '--json']), true)
        assert.equal(wantsJson(['--json', '--bogus']), true)
        assert.equal(wantsJson(['replay', '--', '--json']), false)
        assert.equal(wantsJson(['replay', '--jsonx', 'json']), false)
    })
})
