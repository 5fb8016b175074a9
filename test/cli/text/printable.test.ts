import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'

import { printable } from '../../../src/cli/text/printable.js'
import { complog, withApp } from '../../support/cli.js'
import { recordLine } from '../../support/log-writer.js'
import { makeStore } from '../../support/stores.js'
import { temporaryFolder } from '../../support/temporary.js'
import { noTerminal, onTerminal } from '../../support/terminal.js'

test('control characters are shown, not sent; line ends, tabs and all other text stay', () => {
    assert.equal(printable('\u001b]0;x\u0007\u009b31m\r\u2028'), '\\u001b]0;x\\u0007\\u009b31m\\u000d\\u2028')
    assert.equal(printable('a\n\tΕλλάδα 🙂'), 'a\n\tΕλλάδα 🙂')
})

test('what turns the direction of writing is shown; text that runs from right to left stays', () => {
    assert.equal(
        printable('a\u202eb\u2066\u2069\u061c\u200e\u200f'),
        'a\\u202eb\\u2066\\u2069\\u061c\\u200e\\u200f',
    )
    assert.equal(printable('\u05d0\u05d1 \u0627'), '\u05d0\u05d1 \u0627')
})

test('JSON that is made printable is the same JSON', () => {
    const json = { 'k\u009b\u202e': 'a\u001b]0;x\u0007\u007f\u2028\n\t"\\\u2066' }
    const text = printable(JSON.stringify(json, null, 2))
    assert.doesNotMatch(text, obeyed)
    assert.deepEqual(JSON.parse(text), json)
})

/** What a stranger posts: a title, a cleared screen, the same as C1, and text that is seen the wrong way round. */
const hostile = '\u001b]0;PWNED\u0007\u001b[2J\u009b2J\u202eabc'
// rslint-disable-next-line no-control-regex -- They are what must not be there.
const obeyed = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/

describe('what strangers sent', { skip: noTerminal }, () => {
    // The app appends what is posted to its state, and answers with all of it.
    const event = JSON.stringify({
        httpRequest: {
            posixTimeMilli: 1556452842465,
            httpRequestId: '1556452842465-1',
            requestContext: { clientAddress: '127.0.0.1' },
            request: { method: 'POST', uri: `/${hostile}`, bodyAsString: hostile, headers: [] },
        },
    })
    const folder = temporaryFolder({ after })
    const flags = withApp('string-builder')
    const recorded = (text: string) => [recordLine({ events: [text] })]
    const environment = { NO_COLOR: '1', TERM: 'dumb' }

    test('is shown on a terminal and not obeyed: a state', async () => {
        const store = makeStore(join(folder, 'shown'), recorded(event))
        for (const more of [[], ['--json']]) {
            const { exitCode, shown } = await onTerminal(['replay', store, ...flags, ...more], {
                env: environment,
            })
            assert.equal(exitCode, 0, shown)
            assert.doesNotMatch(shown, obeyed)
            assert.match(shown, /PWNED/)
        }
    })

    test('is shown on a terminal and not obeyed: a response', async () => {
        for (const more of [['--raw'], ['--raw', '--json']]) {
            const store = join(folder, `appended${more.length}`)
            // The terminal itself shows what is typed.
            const typed = event.replaceAll(/[^ -~]/g, printable)
            const keys = [
                ['', `${typed}\n`] as const,
                more.length > 1 ? (['', '\u0004'] as const) : (['HttpResponse', '\u0004'] as const),
            ]
            const { exitCode, shown } = await onTerminal(['append', store, ...flags, ...more], {
                env: environment,
                steps: keys,
            })
            assert.equal(exitCode, 0, shown)
            const output = shown.replaceAll('^D\b\b', '')
            assert.doesNotMatch(output, obeyed)
            assert.match(output.slice(output.lastIndexOf('HttpResponse')), /PWNED.*\\u202eabc/)
        }
    })

    test('is in a pipe as it is, to the byte', async () => {
        const store = makeStore(join(folder, 'piped'), recorded(event))
        const { stdout } = await complog(['replay', store, ...flags])
        assert.equal(stdout, hostile)
    })
})

test('neither a line of a log nor the name of a file talks to the terminal', async (t) => {
    const folder = temporaryFolder(t)
    mkdirSync(join(folder, 'composition'))
    writeFileSync(join(folder, 'composition', 'b\u001b[31m.jsonl'), '\u001b]0;evil\u0007{bad\n')
    const { exitCode, stdout, stderr } = await complog(['verify-chain', folder])
    assert.equal(exitCode, 3)
    // rslint-disable-next-line no-control-regex -- They are what must not be there.
    assert.doesNotMatch(stdout + stderr, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/)
    assert.match(stdout, /none: no line is a record/)
})

test('the name of a file stays on one line', async (t) => {
    const folder = temporaryFolder(t)
    mkdirSync(join(folder, 'composition'))
    writeFileSync(join(folder, 'composition', 'a\tb\n\nSound: no findings.\n.jsonl'), '{bad\n')
    const { stdout } = await complog(['verify-chain', folder])
    assert.match(stdout, /a\\tb\\n\\nSound: no findings\.\\n\.jsonl:1/)
    assert.doesNotMatch(stdout, /^\s*Sound/m)
})
