import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import { dotnetPattern, UnusablePattern } from '../../src/host/dotnet-pattern.js'

const uri = 'http://app.test/static/a.html?x=1'

/** Patterns, texts in which .NET finds them, and texts in which it does not. */
const found: readonly (readonly [pattern: string, yes: readonly string[], no: readonly string[]])[] = [
    ['/static', [uri], ['http://app.test/STATIC']],
    ['(?i)/STATIC', [uri, 'http://app.test/sTaTic'], ['/x']],
    ['^http://app\\.test/[^/]+$', ['http://app.test/a'], [uri, 'xhttp://app.test/a']],
    ['^.*//[^/]+(|/(?!(api/)).*)$', [uri, 'http://app.test'], ['http://app.test/api/x']],
    ['^(?!.+/process-event$).*', [uri], ['http://h/process-event']],
    ['a$', ['a', 'a\n'], ['a\n\n', 'ab']],
    ['a\\z', ['a'], ['a\n']],
    ['\\Aa\\Z', ['a', 'a\n'], ['ba', 'a\nb']],
    ['^a.b$', ['a\rb', 'a\u2028b'], ['a\nb']],
    ['(?s)^a.b$', ['a\nb'], ['ab']],
    ['(?m)^b$', ['a\nb', 'b\na'], ['ab']],
    ['^\\d$', ['7', '٣'], ['a', '²']],
    ['^\\w+$', ['aä_1', 'ё'], ['a-b', '']],
    ['^\\W$', ['-', '\ud83d'], ['ä']],
    ['^[\\W]$', ['-'], ['ä', '_']],
    ['^\\s$', [' ', '\u0085', '\u2003'], ['a', '\ufeff']],
    ['\\bä\\b', ['a ä b'], ['aä']],
    ['^..$', ['😀'], ['a']],
    ['^\\p{Lu}\\P{L}$', ['Ä1'], ['ä1', 'ÄA']],
    ['^[]a]+$', [']a]'], ['b']],
    ['^[^]a]$', ['b'], [']']],
    ['^[a-z-[aeiou]]+$', ['xyz'], ['abc']],
    ['^[a\\-z]+$', ['-za'], ['b']],
    ['^[[:a]$', ['[', ':'], ['b']],
    ['^a{,2}$', ['a{,2}'], ['aa']],
    ['^a{2}]}$', ['aa]}'], ['aa']],
    ['^\\x41\\u00e4\\101\\e\\cA$'.replace('\\101', '\\x41'), ['AäA\u001b\u0001'], ['A']],
    ["^(?'name'a)(?<other>b)$", ['ab'], ['a']],
    ['^(a)\\1$', ['aa'], ['a']],
    ['^(?:(a|b)\\1)+$', ['aabb'], ['ab']],
    ['(?x) ^ a b $ # the end', ['ab'], ['a b']],
    ['a(?#no matter)b', ['ab'], ['a']],
    ['(?<=static/)a', [uri], ['/b/a']],
]

describe('a pattern of .NET finds the same here', () => {
    for (const [pattern, yes, no] of found) {
        test(pattern, () => {
            const regExp = dotnetPattern(pattern)
            for (const text of yes) assert.ok(regExp.test(text), `finds it in ${JSON.stringify(text)}`)
            for (const text of no)
                assert.ok(!regExp.test(text), `does not find it in ${JSON.stringify(text)}`)
        })
    }
})

describe('what JavaScript cannot do the same, or nobody can, is refused', () => {
    const refused = [
        ...['(?>a+)b', '(?(1)a|b)', '(?<a-b>x)', '(?i:a)', 'a(?i)b', '(?<1>a)', '(a)?\\1', '(?<n>a)(b)\\1'],
        ...['((a)|b)\\2', '(a)|\\1', '(?!(a))\\1', '(a\\1)', '\\1', '(?<n>a)\\k<n>', '\\p{IsGreek}'],
        ...['(', 'a)', '[a', '*a', 'a**', 'a{2}{3}', '\\y', '\\_', '[z-a]', '[a-\\d]', '\\'],
    ]
    for (const pattern of refused) {
        test(pattern, () => assert.throws(() => dotnetPattern(pattern), UnusablePattern))
    }
})
