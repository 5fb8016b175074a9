import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import { ComplogError } from '../../src/core/errors.js'
import { parseWebSettings } from '../../src/host/web-settings.js'

const parse = (text: string) => parseWebSettings(Buffer.from(text), 'app/map.json')

describe('a map of a web app', () => {
    for (const nothing of ['', 'null', '{}', '{"mapsFromRequestUrlToStaticFileName":null}']) {
        test(`asks for nothing with ${JSON.stringify(nothing)}`, () => {
            assert.deepEqual(parse(nothing), {
                staticFileRules: [],
                rateLimit: undefined,
                corsAllowAnything: false,
                notes: [],
            })
        })
    }

    test('is read as leniently as people wrote it', () => {
        const settings = parse(`\uFEFF// what my app needs
            { MapsFromRequestURLToStaticFileName: [ { 'MatchingRegexPattern': "/a$", resultString: 'a.txt', }, { matchingRegexPattern: 'b' } ],
              "singleRateLimitWindowPerClientIPv4Address": { "limit": "3", "windowSizeInMs": 2000 }, /* all of them */ "corsAllowAnything": true }`)
        assert.deepEqual(
            settings.staticFileRules.map(({ pattern, fileName }) => [pattern.test('/a\n'), fileName]),
            [
                [true, 'a.txt'],
                [false, undefined],
            ],
        )
        assert.deepEqual(settings.rateLimit, { limit: 3, windowMilliseconds: 2000 })
        assert.ok(settings.corsAllowAnything)
    })

    test('tells what is left to others, and what it has for nobody', () => {
        const { notes } = parse('{"letsEncryptOptions":{"Domains":["app.test"]},"colour":1}')
        assert.equal(notes.length, 2)
        assert.match(notes.join(' '), /"colour".*Let's Encrypt.*--tls-cert/)
    })

    const rule = (pattern: unknown) =>
        JSON.stringify({ mapsFromRequestUrlToStaticFileName: [{ matchingRegexPattern: pattern }] })
    for (const [what, text, message] of [
        ['is no JSON', '{', /app\/map\.json cannot be used: JSON5/],
        ['is a list', '[]', /no JSON object/],
        ['has a pattern that nobody can read', rule('(a'), /the pattern "\(a" in .*\[0\] has a "\(" without/],
        ['has a pattern that JavaScript does not have', rule('(?>a)'), /the pattern "\(\?>a\)"/],
        ['has no pattern', rule(null), /\[0\] needs a text/],
        ['limits by a word', '{"singleRateLimitWindowPerClientIPv4Address":{"limit":"x"}}', /limit must be/],
        ['allows by a word', '{"corsAllowAnything":"yes"}', /corsAllowAnything/],
    ] as const) {
        test(`is refused where it ${what}`, () => {
            assert.throws(
                () => parse(text),
                (error) => {
                    assert.ok(error instanceof ComplogError && error.code === 'app-map-malformed')
                    assert.match(error.message, message)
                    return true
                },
            )
        })
    }
})
