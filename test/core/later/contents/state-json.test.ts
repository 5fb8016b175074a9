import assert from 'node:assert/strict'
import { test } from 'node:test'

import fc from 'fast-check'

import { stateAsJson } from '../../../../src/core/later/contents/state-json.js'
import { hashOfValue, type Value, type ValueHash } from '../../../../src/core/later/values/value.js'
import { anyText } from '../../../support/any-text.js'
import { thinned } from '../../../support/thinned.js'

/** Values that are made one from the other. */
class Values {
    readonly #known = new Map<ValueHash, Value>()

    blob = (bytes: Uint8Array | readonly number[]): ValueHash =>
        this.#add({ kind: 'blob', bytes: Buffer.from(bytes) })
    list = (...items: readonly ValueHash[]): ValueHash => this.#add({ kind: 'list', items })
    /** A text as one blob (since 0.4.4), or as a list of a blob a character. */
    wide = (text: string) =>
        this.blob(Array.from(text).flatMap((each) => bytesOf(each.codePointAt(0) ?? 0, 4)))
    narrow = (text: string) =>
        this.list(...Array.from(text).map((each) => this.blob(bytesOf(each.codePointAt(0) ?? 0))))
    int = (number: bigint) => {
        const hex = (number < 0n ? -number : number).toString(16)
        const digits = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex')
        return this.blob([number < 0n ? 2 : 4, ...digits])
    }
    tag = (name: string, ...content: readonly ValueHash[]) =>
        this.list(this.wide(name), this.list(...content))
    json = (hash: ValueHash, charactersMax?: number) =>
        stateAsJson(hash, (each) => this.#known.get(each) as Value, charactersMax)

    #add(value: Value): ValueHash {
        const hash = hashOfValue(value)
        this.#known.set(hash, value)
        return hash
    }
}

function bytesOf(codePoint: number, length = 1): readonly number[] {
    const bytes: number[] = []
    for (let rest = codePoint; rest > 0 || bytes.length < length; rest = Math.floor(rest / 256))
        bytes.unshift(rest % 256)
    return bytes
}

test('whole numbers keep every digit', () => {
    fc.assert(
        fc.property(fc.bigInt(), (number) => {
            const values = new Values()
            assert.equal(values.json(values.int(number)).json, String(number))
        }),
    )
})

test('texts are the same in all three forms that hosts have written', () => {
    fc.assert(
        fc.property(anyText({ maxLength: 20 }), (text) => {
            const values = new Values()
            for (const hash of [
                values.tag('String', values.wide(text)),
                values.tag('String', values.narrow(text)),
                values.list(values.narrow('String'), values.list(values.narrow(text))),
            ])
                assert.equal(values.json(hash).json, JSON.stringify(text))
        }),
    )
})

test('records, choice types, dicts, sets, bytes, fractions and truth values', () => {
    const v = new Values()
    const [one, two] = [v.int(1n), v.int(2n)]
    const empty = v.tag('RBEmpty_elm_builtin')
    const node = (key: ValueHash, value: ValueHash, left = empty, right = empty) =>
        v.tag('RBNode_elm_builtin', v.tag('Black'), key, value, left, right)
    const record = v.tag(
        'Elm_Record',
        v.list(v.list(v.wide('count'), one), v.list(v.wide('ok'), v.blob([4]))),
    )
    const flat = v.list(v.wide('<Record_Type>'), v.wide('count'), one, v.wide('ok'), v.blob([2]))
    for (const [hash, json] of [
        [record, '{"count":1,"ok":true}'],
        [flat, '{"count":1,"ok":false}'],
        [v.tag('Just', two), '{"Just":[2]}'],
        [v.tag('Nothing'), '{"Nothing":[]}'],
        [v.list(one, two), '[1,2]'],
        [v.list(), '[]'],
        [empty, '[]'],
        [node(two, one, node(one, two)), '[[1,2],[2,1]]'],
        [v.tag('Set_elm_builtin', node(two, v.list(), node(one, v.list()))), '[1,2]'],
        [v.tag('Elm_Bytes', v.blob([1, 2, 3])), '{"AsBase64":"AQID"}'],
        [v.tag('Elm_Float', one, two), '0.5'],
        [v.wide('é'), '"é"'],
        [v.tag('String', v.blob([])), '""'],
    ] as const)
        assert.equal(v.json(hash).json, json)
})

test('what can be read in two ways is said', () => {
    const v = new Values()
    assert.deepEqual(v.json(v.tag('Just', v.int(1n))).ambiguous, [])
    assert.match(v.json(v.tag('J', v.int(1n))).ambiguous.join(), /from A to Z/)
    assert.match(v.json(v.list(v.narrow('Just'), v.list())).ambiguous.join(), /0\.4\.0 to 0\.4\.3/)
})

test('a value that is small and would be endless when it is written out is refused', () => {
    const v = new Values()
    let wide = v.list()
    for (let i = 0; i < 60; i++) wide = v.list(wide, wide)
    assert.throws(() => v.json(wide, 1_000_000), { code: 'limit-exceeded' })
    let deep = v.list()
    for (let i = 0; i < thinned(20_000, 100_000); i++) deep = v.list(deep)
    assert.throws(() => v.json(deep), { code: 'limit-exceeded' })
})

test('no value at all makes it throw anything else', () => {
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
        tree: fc.oneof(
            { maxDepth: 5 },
            fc.uint8Array({ maxLength: 8 }),
            fc.string(),
            fc.array(tie('tree'), { maxLength: 5 }),
        ),
    }))
    fc.assert(
        fc.property(tree, (value) => {
            const v = new Values()
            const made = (each: unknown): ValueHash =>
                Array.isArray(each)
                    ? v.list(...each.map(made))
                    : typeof each === 'string'
                      ? v.wide(each)
                      : v.blob(each as Uint8Array)
            JSON.parse(v.json(made(value)).json)
        }),
    )
})
