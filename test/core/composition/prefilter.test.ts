import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import fc from 'fast-check'

import { literalOf, needlesFor, Prefilter, textsIn } from '../../../src/core/composition/prefilter.js'
import { recordLine } from '../../support/log-writer.js'
import { thinned } from '../../support/thinned.js'

const part = fc.constantFrom(
    ...[
        'a',
        'bc',
        'order',
        '-',
        '7',
        '.',
        '\\.',
        '\\d',
        '[ab]',
        '[^]x]',
        '(ab)',
        '(?:a)?',
        '(a(b)c)*',
        '(?=a)',
    ],
    ...[
        '+',
        '*',
        '?',
        '{2}',
        '{0,1}',
        '^',
        '$',
        '\\b',
        '\\/',
        ' ',
        '"',
        'ä',
        '{',
        '(?!zz)',
        '\\u0061',
        '\\(',
        '+?',
    ],
)
const pattern = fc.array(part, { minLength: 1, maxLength: 8 }).map((parts) => parts.join(''))
const text = fc.array(
    fc.constantFrom('a', 'bc', 'b', 'order', '-', '7', '.', 'ab', 'x', ' ', '"', 'ä', '(', '/', '\n'),
    {
        maxLength: 12,
    },
)

function regexOf(source: string): RegExp | undefined {
    try {
        return new RegExp(source)
    } catch {
        return undefined
    }
}

describe('what a line must hold', () => {
    test('is in every text that the regular expression matches', () => {
        const holds = fc.property(pattern, text, (source, letters) => {
            const regex = regexOf(source)
            const whole = letters.join('')
            if (regex?.test(whole) !== true) return
            for (const wanted of textsIn(regex)) assert.ok(whole.includes(wanted), `${source} has ${wanted}`)
        })
        fc.assert(holds, { numRuns: thinned(15_000, 50_000) })
    })

    test('is all of an expression that consists of letters alone', () => {
        assert.equal(literalOf(/order-7/), 'order-7')
        assert.equal(literalOf(/a\.b\/c/), 'a.b/c')
        assert.equal(literalOf(/"n":7}]/), '"n":7}]')
        assert.equal(literalOf(/{"n"/), '{"n"')
        for (const more of [/a.b/, /a|b/, /\d/, /a+/, /a/i]) assert.equal(literalOf(more), undefined)
        const holds = fc.property(pattern, text, (source, letters) => {
            const regex = regexOf(source)
            const literal = regex && literalOf(regex)
            if (literal !== undefined)
                assert.equal(letters.join('').includes(literal), regex?.test(letters.join('')))
        })
        fc.assert(holds, { numRuns: thinned(10_000, 20_000) })
    })

    test('lets through every line whose event has the text, however it is written', () => {
        const escapedText = (event: string) =>
            event.replaceAll(/[^]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
        const holds = fc.property(fc.array(fc.tuple(text, fc.boolean())), fc.string(), (events, wanted) => {
            const lines = events.map(([letters, isEscaped]) => {
                const event = `${letters.join('')}${wanted}`
                const line = recordLine({ events: ['EVENT'] })
                const written = isEscaped ? escapedText(event) : JSON.stringify(event).slice(1, -1)
                return line.replace('EVENT', () => written)
            })
            const bytes = Buffer.from(`${lines.join('\n')}\n`)
            const prefilter = new Prefilter(bytes, needlesFor([wanted]))
            let begin = 0
            for (const line of lines) {
                const end = begin + Buffer.byteLength(line)
                assert.ok(prefilter.mayHold(begin, end))
                begin = end + 1
            }
        })
        fc.assert(holds, { numRuns: 2000 })
    })

    test('passes over the others', () => {
        const lines = ['order 7', 'order 8', 'order 7'].map((event) => recordLine({ events: [event] }))
        const prefilter = new Prefilter(Buffer.from(lines.join('\n')), needlesFor(['order 7']))
        const length = lines[0]!.length
        assert.deepEqual(
            lines.map((_, i) => prefilter.mayHold(i * (length + 1), i * (length + 1) + length)),
            [true, false, true],
        )
    })
})
