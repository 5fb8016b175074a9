import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import {
    Condition,
    type ConditionOptions,
    type ConditionValues,
    namesIn,
} from '../../../src/core/condition/condition.js'
import { ComplogError } from '../../../src/core/errors.js'
import { isError } from '../../support/is-error.js'

async function hits(
    expression: string,
    places: readonly ConditionValues[],
    options: ConditionOptions = {},
): Promise<readonly number[]> {
    const condition = await Condition.start(expression, options)
    try {
        return [...(await condition.test(places, (index) => `record #${index + 1}`))]
    } finally {
        await condition.close()
    }
}

describe('a condition', () => {
    test('sees what is in texts where they are JSON, else the texts', async () => {
        const places = [{ event: '{"a":[1,2]}' }, { event: '{"a":[]}' }, { event: 'a text' }, {}]
        assert.deepEqual(await hits('event?.a?.length > 1', places), [1, 0, 0, 0])
        assert.deepEqual(await hits("event === 'a text'", places), [0, 0, 1, 0])
        assert.deepEqual(await hits('text?.startsWith("{")', places), [1, 1, 0, 0])
        assert.deepEqual(await hits('event === undefined', places), [0, 0, 0, 1])
        assert.deepEqual(await hits('event.a instanceof Array', places.slice(0, 1)), [1])
    })

    test('compares a state with the one before', async () => {
        const places = [{ before: '{"n":1}', state: '{"n":2}', response: '"ok"', record: '{"position":7}' }]
        const expression = "state.n > before.n && response === 'ok' && record.position === 7"
        assert.deepEqual(await hits(expression, places), [1])
    })

    test('takes anything for a yes that JavaScript does', async () => {
        assert.deepEqual(await hits('event', [{ event: '0' }, { event: '[]' }, { event: '""' }]), [0, 1, 0])
    })

    test('knows which names it looks at', () => {
        assert.deepEqual([...namesIn('event.state === "x" && response')], ['event', 'response'])
        assert.deepEqual([...namesIn('(a => a.before)(state)')], ['state'])
    })

    test('that is no expression is told where it goes wrong', async () => {
        const starts = (expression: string, message: RegExp) =>
            assert.rejects(Condition.start(expression), isError('condition-failed', message))
        await starts('event.a b', /^--where 'event\.a b' failed: Unexpected identifier.*, at character 9\.$/)
        await starts('event.a &&', /at character 11\.$/)
        await starts('let x = 1', /failed/)
        await starts('/(/.test(text)', /Invalid regular expression.*at character 1\.$/)
        await starts('true &&\n  event.a b', /at character 19\.$/)
    })

    test('that throws is told on what, where in it, and what helps', async () => {
        const failing = hits('event.a.b', [{ event: '{"a":{}}' }, { event: '{}' }])
        await assert.rejects(failing, (error: unknown) => {
            assert.ok(error instanceof ComplogError)
            assert.match(
                error.message,
                /^--where 'event\.a\.b' failed at record #2: Cannot read .*, at character 9\.$/,
            )
            assert.match(error.hint ?? '', /event\.a\?\.b/)
            return true
        })
        await assert.rejects(
            hits('nope', [{}]),
            isError('condition-failed', /record #1: nope is not defined/),
        )
        await assert.rejects(hits('(() => { throw 5 })()', [{}]), isError('condition-failed', /: 5\.$/))
    })

    test('that looks at what is not there is told why, unless it only looks like that', async () => {
        const options: ConditionOptions = {
            available: ['event', 'text'],
            unavailable: 'Give the app: --app.',
        }
        const expected = isError('condition-failed', /state is not there\. Give the app: --app/)
        await assert.rejects(hits('state.a', [{ event: '1' }], options), expected)
        assert.deepEqual(
            await hits("/state/.test(text) || event === 'state'", [{ event: 'state' }], options),
            [1],
        )
    })

    test('that never ends is stopped by the time bound, with its name', async () => {
        const limits = { eventTimeMillisecondsMax: 200 }
        const loop = hits('(() => { while (event) ; })()', [{ event: '0' }, { event: '1' }], { limits })
        await assert.rejects(
            loop,
            isError('condition-failed', /failed at record #2: it took longer than 200 ms/),
        )
        const regex = hits('/(a+)+$/.test(text)', [{ event: `${'a'.repeat(60)}!` }], {
            limits,
            flag: '--match',
        })
        await assert.rejects(
            regex,
            isError('condition-failed', /^--match '\/\(a\+\)\+\$\/.*took longer than/),
        )
    })

    test('that fills its memory is stopped as well', async () => {
        const limits = { appHeapMebibytesMax: 32 }
        const expression = '(() => { const all = []; for (;;) all.push(new Array(1000).fill(all.length)) })()'
        await assert.rejects(
            hits(expression, [{}], { limits }),
            isError('condition-failed', /32 MiB of memory/),
        )
    })

    test('has nothing of Node in its hands', async () => {
        for (const name of ['require', 'process', 'setTimeout', 'fetch', 'Buffer', 'module'])
            await assert.rejects(
                hits(`${name}.x || true`, [{}]),
                isError('condition-failed', /not defined|of undef/),
            )
        const escape = "globalThis.constructor.constructor('return process')()"
        await assert.rejects(hits(escape, [{}]), isError('condition-failed', /Code generation/))
        await assert.rejects(hits("import('node:fs')", [{}]), isError('condition-failed'))
        await assert.rejects(
            hits("Function('return 1')()", [{}]),
            isError('condition-failed', /Code generation/),
        )
    })

    test('ends with the signal', async () => {
        const controller = new AbortController()
        const condition = await Condition.start('(() => { for (;;) ; })()', { signal: controller.signal })
        const answer = condition.test([{}], () => 'it')
        controller.abort()
        await assert.rejects(answer, isError('interrupted'))
        await condition.close()
    })
})
