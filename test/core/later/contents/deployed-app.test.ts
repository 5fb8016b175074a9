import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'

import fc from 'fast-check'

import { deployedApp, filesOfApp } from '../../../../src/core/later/contents/deployed-app.js'
import { readLater } from '../../../../src/core/later/reading/read-later.js'
import { hashOfValue, type Value, type ValueHash } from '../../../../src/core/later/values/value.js'
import { laterStoreAt } from '../../../../src/core/store/recognise.js'
import { isError } from '../../../support/is-error.js'
import { laterStoreNames, unpackLater } from '../../../support/later-stores.js'
import { temporaryFolder } from '../../../support/temporary.js'

const folder = temporaryFolder({ after })

async function read(name: string) {
    const store = laterStoreAt(unpackLater(name, folder))
    assert.ok(store)
    return readLater(store)
}

type Tree = Uint8Array | readonly (readonly [name: string, node: Tree])[]

/** Values as hosts made them of a tree of files. */
class Values {
    readonly #values = new Map<ValueHash, Value>()
    readonly #name: (name: string) => ValueHash

    constructor(form: keyof typeof nameForms) {
        const write = nameForms[form]
        this.#name = (name) => write(name, this)
    }

    add(value: Value): ValueHash {
        const hash = hashOfValue(value)
        this.#values.set(hash, value)
        return hash
    }

    blob(bytes: Uint8Array): ValueHash {
        return this.add({ kind: 'blob', bytes: Buffer.from(bytes) })
    }

    list(items: readonly ValueHash[]): ValueHash {
        return this.add({ kind: 'list', items })
    }

    tree(tree: Tree): ValueHash {
        if (tree instanceof Uint8Array) return this.blob(tree)
        return this.list(tree.map(([name, node]) => this.list([this.#name(name), this.tree(node)])))
    }

    loadWhole(hash: ValueHash): ReadonlyMap<ValueHash, Value> | undefined {
        const value = this.#values.get(hash)
        return value && new Map([[hash, value]])
    }
}

const codePoints = (text: string) => Array.from(text, (each) => each.codePointAt(0) ?? 0)
const bigEndian = (number: number) => {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32BE(number)
    return bytes
}
const nameForms = {
    'until 2020-12-11': (name: string, values: Values) => values.blob(Buffer.from(name)),
    'until 0.4.3': (name: string, values: Values) =>
        values.list(
            codePoints(name).map((each) => {
                const bytes = bigEndian(each)
                return values.blob(bytes.subarray(bytes.findIndex((byte) => byte !== 0)))
            }),
        ),
    'since 0.4.4': (name: string, values: Values) =>
        values.blob(Buffer.concat(codePoints(name).map(bigEndian))),
}
const forms = Object.keys(nameForms) as (keyof typeof nameForms)[]

function treeOf(files: ReadonlyMap<string, Uint8Array>, filesFirst: boolean): Tree {
    const names = [...new Set([...files.keys()].map((path) => path.split('/')[0] ?? ''))].toSorted()
    const entries = names.map((name) => {
        const file = files.get(name)
        const below = [...files].filter(([path]) => path.startsWith(`${name}/`))
        const inner = new Map(below.map(([path, bytes]) => [path.slice(name.length + 1), bytes]))
        return [name, file ?? treeOf(inner, filesFirst)] as const
    })
    const isFile = ([, node]: (typeof entries)[number]) => node instanceof Uint8Array
    if (!filesFirst) return entries
    return [...entries.filter(isFile), ...entries.filter((entry) => !isFile(entry))]
}

describe('the app that a record deployed', () => {
    let apps = 0
    for (const name of laterStoreNames.filter((each) => !each.startsWith('damaged/'))) {
        test(`${name}: its files, put together again, have the hash that the record names`, async () => {
            const store = await read(name)
            const seen = new Set<ValueHash>()
            for (let position = 1; position <= store.log.table.length; position++) {
                if (name.startsWith('odd-')) continue
                const { app, kind, position: by } = deployedApp(store, { kind: 'number', position })
                if (kind === 'deployment') assert.match(store.log.table.kindAt(by - 1), /^deploy-/)
                if (seen.has(app)) continue
                seen.add(app)
                apps++
                const files = filesOfApp(store.values, app)
                assert.ok([...files.keys()].some((path) => path.endsWith('elm.json')))
                const hashes = forms.flatMap((form) =>
                    [true, false].map((first) => new Values(form).tree(treeOf(files, first))),
                )
                assert.ok(hashes.includes(app), `${app} is none of ${hashes.join(', ')}`)
            }
        })
    }

    test('is there in every store but the one that only a writer of stores has written', () => {
        assert.ok(apps >= laterStoreNames.filter((each) => !each.startsWith('damaged/')).length - 1)
    })

    test('is told of records before the oldest reduction of a truncated log too, up to the next deployment', async () => {
        const store = await read('truncated-v2022-03-20')
        const at = (position: number) => deployedApp(store, { kind: 'number', position })
        assert.equal(at(1).kind, 'reduction')
        assert.ok(at(1).position > 1)
        assert.equal(at(1).app, at(store.log.table.length).app)
    })

    test('is not made up where nothing says which it was', async () => {
        const store = await read('odd-v2022-03-20')
        assert.throws(() => deployedApp(store), isError('app-not-found'))
    })
})

const name = fc.stringMatching(/^[A-Za-zäß漢😀][A-Za-z0-9_äß漢😀]{0,11}$/u)
const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
    tree: fc.uniqueArray(
        fc.tuple(name, fc.oneof({ depthSize: 'small' }, fc.uint8Array({ maxLength: 40 }), tie('tree'))),
        { selector: ([each]) => each.normalize('NFC').toLowerCase(), maxLength: 5 },
    ),
}))

function filesIn(tree: Tree, path = ''): readonly (readonly [string, string])[] {
    if (tree instanceof Uint8Array) return [[path, Buffer.from(tree).toString('hex')]]
    return tree.flatMap(([each, node]) => filesIn(node, path === '' ? each : `${path}/${each}`))
}

const hexOfFiles = (values: Values, app: ValueHash) =>
    [...filesOfApp(values, app)].map(([path, bytes]) => [path, Buffer.from(bytes).toString('hex')] as const)

describe('a tree of files', () => {
    for (const form of forms) {
        test(`comes back as it was, with names as written ${form}`, () => {
            fc.assert(
                fc.property(tree, (given) => {
                    const values = new Values(form)
                    assert.deepEqual(hexOfFiles(values, values.tree(given)), filesIn(given))
                }),
            )
        })

        test(`is refused for names that a stranger must not choose, written ${form}`, () => {
            const file = Buffer.from('x')
            for (const [hostile, why] of [
                [[['..', [['x', file]]]], /no name|"\.\."/],
                [[['.', [['x', file]]]], /no name/],
                [[['/etc/passwd', file]], /no name/],
                [[['a\\b', file]], /no name/],
                [[['', file]], /no name/],
                [[['C:', file]], /drive letter/],
                [[['a\nb', file]], /control character/],
                [[['a.', file]], /dot or a space/],
                [
                    [
                        ['Main.elm', file],
                        ['main.elm', file],
                    ],
                    /differ only by case/,
                ],
                [
                    [
                        ['a', file],
                        ['a', file],
                    ],
                    /two entries/,
                ],
                [
                    [
                        ['a', file],
                        ['a', [['b', file]]],
                    ],
                    /file and a folder/,
                ],
                [[['x'.repeat(2000), file]], /has a name of/],
                [file, /no folder/],
            ] as (readonly [Tree, RegExp])[]) {
                const values = new Values(form)
                const app = values.tree(hostile)
                assert.throws(() => filesOfApp(values, app), isError('app-malformed', why))
            }
        })
    }

    test('that holds the same folder over and over is as large as it would be on disk, and bounded', () => {
        const values = new Values('since 0.4.4')
        const entry = (node: ValueHash, each: string) =>
            values.list([values.blob(Buffer.concat(codePoints(each).map(bigEndian))), node])
        let node = values.list([])
        for (let depth = 0; depth < 60; depth++) node = values.list([entry(node, 'a'), entry(node, 'b')])
        assert.throws(() => filesOfApp(values, node), isError('limit-exceeded', /more than 10000 files/))
        const deep = { node: values.list([]) }
        for (let depth = 0; depth < 100; depth++) deep.node = values.list([entry(deep.node, 'a')])
        assert.throws(() => filesOfApp(values, deep.node), isError('app-malformed', /nested deeper/))
    })

    test('with a part that is gone, or with what is no entry, is told so', () => {
        const values = new Values('until 2020-12-11')
        const gone = 'ab'.repeat(32) as ValueHash
        const lacking = values.list([values.list([values.blob(Buffer.from('a')), gone])])
        assert.throws(() => filesOfApp(values, lacking), isError('error-findings', /abab.* is missing/))
        const odd = values.list([values.list([gone, gone, gone])])
        assert.throws(() => filesOfApp(values, odd), isError('app-malformed', /no entry of a folder/))
    })
})
