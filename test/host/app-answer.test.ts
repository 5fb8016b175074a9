// What an app says is read as the hosts of 2019 read it, and what is wrong with it is said with its place.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import { readAppAnswer } from '../../src/host/app-answer.js'

const completionOf = (response: object) => ({ completeHttpResponse: { httpRequestId: '1-1', response } })
const completed = (response: object) => JSON.stringify({ decodeSuccess: [completionOf(response)] })
const plain = { statusCode: 200, headersToAdd: [], bodyAsString: 'x' }

/** The answer to the one request, or why there is none. */
function read(text: string) {
    const { completions, failure } = readAppAnswer(text)
    return completions[0]?.response ?? failure
}

describe('an answer', () => {
    for (const [what, response] of Object.entries({
        'no headers, as before they were known': { statusCode: 200, bodyAsString: 'x' },
        'null for headers': { ...plain, headersToAdd: null },
        'keys in any case': { statuscode: 200, HeadersToAdd: [], BODYASSTRING: 'x' },
        'a status in a text': { ...plain, statusCode: '200' },
        'fields that nobody knows': { ...plain, more: [1] },
    })) {
        test(`may have ${what}`, () => assert.deepEqual(read(completed(response)), plain))
    }

    test('may have no body, or one that is no text', () => {
        for (const [bodyAsString, expected] of [
            [undefined, ''],
            [null, ''],
            [7, '7'],
            [true, 'true'],
        ])
            assert.deepEqual(read(completed({ ...plain, bodyAsString })), {
                ...plain,
                bodyAsString: expected,
            })
    })

    test('may have headers without values, or with numbers', () => {
        const headersToAdd = [{ name: 'a' }, { name: 'b', values: null }, { Name: 'c', VALUES: [1, 'x'] }]
        assert.deepEqual(read(completed({ ...plain, headersToAdd })), {
            ...plain,
            headersToAdd: [
                { name: 'a', values: [] },
                { name: 'b', values: [] },
                { name: 'c', values: ['1', 'x'] },
            ],
        })
    })

    test('may be no completion, or several', () => {
        assert.deepEqual(readAppAnswer('{"decodeSuccess":[]}').completions, [])
        const two = JSON.stringify({ decodeSuccess: [completionOf(plain), completionOf(plain)] })
        assert.equal(readAppAnswer(two).completions.length, 2)
    })

    test('counts where it is there, whatever stands beside it', () => {
        for (const decodeError of ['no', '', null, 5])
            assert.deepEqual(
                read(JSON.stringify({ decodeError, decodeSuccess: [completionOf(plain)] })),
                plain,
            )
    })

    test('may have the names that it has since May 2019', () => {
        assert.deepEqual(read(JSON.stringify({ decodeEventSuccess: [completionOf(plain)] })), plain)
        const error = { kind: 'decode-error', message: 'what?' }
        for (const key of ['decodeError', 'decodeEventError', 'DecodeError'])
            assert.deepEqual(read(JSON.stringify({ [key]: 'what?' })), error)
    })
})

test('an entry that is not known, or cannot be read, does not void the others, and is named', () => {
    for (const [unknown, name] of [
        ['{}', '{}'],
        ['null', 'null'],
        ['"x"', '"x"'],
        ['[]', '[]'],
        ['{"completeHttpResponse":null}', 'completeHttpResponse'],
        ['{"startTask":{"taskId":"t"}}', 'startTask'],
    ] as const) {
        const text = `{"decodeSuccess":[${unknown},${JSON.stringify(completionOf(plain))}]}`
        const { completions, ignored, failure } = readAppAnswer(text)
        assert.deepEqual([completions.length, failure], [1, undefined], unknown)
        assert.deepEqual(ignored, [`decodeSuccess[0] is nothing that this host knows: ${name}`])
    }
    const half = { decodeSuccess: [completionOf(plain), completionOf({})] }
    const { completions, failure } = readAppAnswer(JSON.stringify(half))
    assert.equal(completions.length, 1)
    assert.equal(failure?.message, 'decodeSuccess[1].completeHttpResponse.response.statusCode is missing')
})

describe('what cannot be sent is refused with its place and what stands there:', () => {
    const at = 'decodeSuccess[0].completeHttpResponse'
    const wrong: Readonly<Record<string, readonly [string, string]>> = {
        'no JSON': ['x', 'it is not JSON: Unexpected token'],
        'an empty text': ['', 'it is not JSON: Unexpected end of JSON input; it is ""'],
        'a number': ['7', 'it must be an object, and is 7'],
        'neither success nor error': ['{}', 'it has neither decodeSuccess nor decodeError; it is {}'],
        'no list': ['{"decodeSuccess":{}}', 'decodeSuccess must be a list, and is {}'],
        'no id': [
            '{"decodeSuccess":[{"completeHttpResponse":{"response":{"statusCode":200}}}]}',
            `${at}.httpRequestId is missing`,
        ],
        'a status below 200': [
            completed({ statusCode: 42 }),
            `${at}.response.statusCode must be a status of HTTP, 200 to 999, and is 42`,
        ],
        'a status that is no whole number': [
            completed({ statusCode: 200.5 }),
            `${at}.response.statusCode must be a whole number, and is 200.5`,
        ],
        'a body that is no text': [
            completed({ ...plain, bodyAsString: ['x'.repeat(100)] }),
            `${at}.response.bodyAsString must be a text, and is ["${'x'.repeat(58)}…`,
        ],
        'a header without a name': [
            completed({ ...plain, headersToAdd: [{ values: [] }] }),
            `${at}.response.headersToAdd[0].name is missing`,
        ],
        'a name with a blank': [
            completed({ ...plain, headersToAdd: [{ name: 'X A', values: ['1'] }] }),
            `${at}.response.headersToAdd[0].name cannot be the name of a header, and is "X A"`,
        ],
        'a line break in a header': [
            completed({ ...plain, headersToAdd: [{ name: 'a', values: ['ok', 'b\r\nc: d'] }] }),
            `${at}.response.headersToAdd[0].values[1] cannot be the value of a header, and is "b\\r\\nc: d"`,
        ],
        'a header that is not ASCII': [
            completed({ ...plain, headersToAdd: [{ name: 'a', values: ['ä'] }] }),
            `${at}.response.headersToAdd[0].values[0] cannot be the value of a header, and is "ä"`,
        ],
    }
    for (const [what, [text, message]] of Object.entries(wrong)) {
        test(what, () => {
            const { completions, failure } = readAppAnswer(text)
            assert.deepEqual([completions, failure?.kind], [[], 'malformed-response'])
            assert.equal(failure?.message.slice(0, message.length), message)
        })
    }
})
