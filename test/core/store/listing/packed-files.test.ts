import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'

import fc from 'fast-check'

import { type FileList, identityOf, sizeOfFiles } from '../../../../src/core/store/listing/list-files.js'
import { PackedFiles, type StoreFile } from '../../../../src/core/store/listing/packed-files.js'
import { thinned } from '../../../support/thinned.js'

const root = join('/', 'some', 'store')
const name = fc.oneof(
    fc
        .string({ minLength: 1, maxLength: 40, unit: 'grapheme' })
        .filter((text) => !/[/\0]|^\.\.?$/.test(text)),
    fc.integer({ min: 0, max: 9999 }).map((minute) => `2019-04-28T${minute}.composition.jsonl`),
)
/** As the system gives them: numbers of files are rounded where they are large. */
const number = fc.oneof(
    fc.maxSafeNat(),
    fc.bigInt(0n, 2n ** 64n - 1n).map(Number),
    fc.double({ noNaN: true }),
)
const plainFile = fc.record({
    path: fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/')),
    stats: fc.record({ size: fc.maxSafeNat(), mtimeMs: number, ino: number, birthtimeMs: number }),
    isLink: fc.boolean(),
})
type PlainFile = typeof plainFile extends fc.Arbitrary<infer File> ? File : never

function told(file: StoreFile | undefined) {
    if (file === undefined) return undefined
    const { path, absolutePath, sizeBytes, modifiedMilliseconds, identity, isLink, beginBytes } = file
    return { path, absolutePath, sizeBytes, modifiedMilliseconds, identity, isLink, beginBytes }
}

/** The plain twin of what is packed. */
function twinOf({ path, stats, isLink }: PlainFile) {
    return {
        path,
        absolutePath: join(root, path),
        sizeBytes: stats.size,
        modifiedMilliseconds: stats.mtimeMs,
        identity: identityOf(stats),
        isLink: isLink ? true : undefined,
        beginBytes: undefined,
    }
}

function packed(files: readonly PlainFile[]): PackedFiles {
    const list = PackedFiles.below(root)
    for (const { path, stats, isLink } of files) list.add(path, stats, isLink ? { isLink } : {})
    return list
}

const lists = fc.oneof(
    fc.array(plainFile, { maxLength: 30 }),
    // Several blocks of them.
    fc
        .tuple(fc.array(plainFile, { minLength: 1, maxLength: 5 }), fc.integer({ min: 1000, max: 3000 }))
        .map(([files, length]) => Array.from({ length }, (_, i) => files[i % files.length] as PlainFile)),
)

test('files are packed and told as they are, in whatever way they are asked for', () => {
    const property = fc.property(lists, fc.nat(), fc.nat(), (files, from, to) => {
        const twin = files.map(twinOf)
        const list = packed(files)
        assert.deepEqual(list.map(told), twin)
        assert.deepEqual(new PackedFiles(structuredClone(list.columns)).map(told), twin)
        const [first, end] = [from % (files.length + 2), (to % (files.length + 2)) - files.length]
        assert.deepEqual(list.slice(first, end).map(told), twin.slice(first, end))
        assert.deepEqual(told(list.at(end)), twin.at(end))
        const sought = twin.at(first)?.path
        const isSought = ({ path }: { readonly path: string }) => path === sought
        assert.equal(list.findIndex(isSought), twin.findIndex(isSought))
        assert.equal(list.findLastIndex(isSought), twin.findLastIndex(isSought))
        assert.deepEqual(told(list.find(isSought)), twin.find(isSought))
        assert.deepEqual(list.filter(isSought).map(told), twin.filter(isSought))
        assert.equal(list.every(isSought), twin.every(isSought))
        assert.equal(sizeOfFiles(list), sizeOfFiles(twin))
        for (const [at, file] of list.entries()) assert.equal(file.path, twin[at]?.path)
    })
    fc.assert(property, { numRuns: thinned(25, 60) })
})

test('they are put into the order of the code units of their paths, as hosts read them', () => {
    const property = fc.property(fc.uniqueArray(plainFile, { selector: ({ path }) => path }), (files) => {
        const twin = files.map(twinOf).sort((a, b) => (a.path < b.path ? -1 : 1))
        assert.deepEqual(packed(files).inOrder().map(told), twin)
    })
    fc.assert(property, { numRuns: 200 })
})

test('what is otherwise with some files goes with them to the threads that read them', () => {
    const change = fc.record(
        { beginBytes: fc.nat(), sizeBytes: fc.nat(), absolutePath: fc.constant('/proc/self/mem') },
        { requiredKeys: [] },
    )
    const changed = fc.array(fc.tuple(plainFile, change), { maxLength: 20 })
    const property = fc.property(changed, (all) => {
        const list = packed(all.map(([file]) => file))
        const files: FileList = list.map((file, at) => file.with(all[at]?.[1] ?? {}))
        const sent = new PackedFiles(structuredClone(PackedFiles.toRead(files).columns))
        const asRead = ({ path, absolutePath, sizeBytes, beginBytes }: StoreFile) => [
            path,
            absolutePath,
            sizeBytes,
            beginBytes,
        ]
        assert.deepEqual(sent.map(asRead), files.map(asRead))
        assert.deepEqual(
            files.map(asRead),
            all.map(([file, one]) => {
                const { path, absolutePath, sizeBytes } = twinOf(file)
                return [path, one.absolutePath ?? absolutePath, one.sizeBytes ?? sizeBytes, one.beginBytes]
            }),
        )
    })
    fc.assert(property, { numRuns: 100 })
})
