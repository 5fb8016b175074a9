import assert from 'node:assert/strict'
import { test } from 'node:test'

import { readZip, type ZipBounds, zipBounds } from '../../../../src/core/elm-app/source/zip-archive.js'
import { type RawEntry, rawZip } from '../raw-zip.js'
import { rejectsWith } from '../rejects.js'

const good: RawEntry = { name: 'elm-app/elm.json', content: '{}' }

function read(bytes: Uint8Array, bounds: Partial<ZipBounds> = {}): ReturnType<typeof readZip> {
    return readZip({ origin: 'test.zip', bytes }, () => true, { ...zipBounds, ...bounds })
}

test('files come out as they went in, deflated or stored', async () => {
    const { files } = await read(rawZip([good, { name: 'b\\c', content: 'stored', store: true }]))
    assert.deepEqual([...files.keys()], ['elm-app/elm.json', 'b/c'])
    assert.equal(Buffer.from(files.get('b/c')!).toString(), 'stored')
})

test('only what is wanted is unpacked, but every name is known', async () => {
    const huge = { name: 'static/movie', content: Buffer.alloc(100_000) }
    const bytes = rawZip([good, huge])
    const result = await readZip({ origin: 'test.zip', bytes }, (path) => path === 'elm-app/elm.json', {
        ...zipBounds,
        totalSizeBytesMax: 10,
    })
    assert.deepEqual([...result.files.keys()], ['elm-app/elm.json'])
    assert.deepEqual(result.names, ['elm-app/elm.json', 'static/movie'])
})

test('folders in an archive are no files', async () => {
    const { names } = await read(rawZip([{ name: 'elm-app/', mode: 0o040755, store: true }, good]))
    assert.deepEqual(names, ['elm-app/elm.json'])
})

const hostile: readonly (readonly [string, readonly RawEntry[], RegExp])[] = [
    ['an absolute path', [{ name: '/etc/x.elm' }], /"\/etc\/x\.elm" is an absolute path/],
    ['a drive letter', [{ name: 'C:\\x.elm' }], /has a drive letter/],
    ['a path upwards', [{ name: 'elm-app/../../x.elm' }], /has a "\.\." part/],
    ['a path upwards with backslashes', [{ name: '..\\x.elm' }], /has a "\.\." part/],
    [
        'a symlink',
        [{ name: 'elm-app/x.elm', content: '/etc/passwd', mode: 0o120777 }],
        /"elm-app\/x\.elm" is a symlink/,
    ],
    ['a device', [{ name: 'elm-app/x.elm', mode: 0o020644 }], /neither a file nor a folder/],
    ['two entries of one name', [good, good], /two entries named "elm-app\/elm\.json"/],
    ['one name with either slash', [good, { name: 'elm-app\\elm.json' }], /two entries named/],
    ['names that differ by case', [good, { name: 'Elm-App/ELM.json' }], /differ only by case/],
    [
        'a file that is a folder too',
        [good, { name: 'elm-app/elm.json/x.elm' }],
        /a file and a folder at once/,
    ],
    ['an encrypted entry', [{ ...good, flags: 0x801 }], /is encrypted/],
    ['a strongly encrypted entry', [{ ...good, flags: 0x841 }], /is encrypted/],
    ['a checksum that is wrong', [{ ...good, claimedCrc: 1 }], /checksum/],
    ['a size that is a lie', [{ name: 'a', content: Buffer.alloc(5000), claimedSize: 10 }], /is broken/],
]

for (const [what, entries, message] of hostile) {
    test(`a zip with ${what} is refused`, async () => {
        const error = await rejectsWith(read(rawZip(entries)), 'app-zip-rejected', message)
        assert.match(error.message, /test\.zip/)
        assert.ok(error.hint !== undefined)
    })
}

test('a zip with too many entries is refused', async () => {
    const entries = Array.from({ length: 12 }, (_, index) => ({ name: `file-${index}` }))
    await rejectsWith(read(rawZip(entries), { filesMax: 11 }), 'app-zip-rejected', /more than 11 entries/)
})

test('a zip whose names alone would fill the memory is refused', async () => {
    const entries = Array.from({ length: 300 }, (_, index) => ({ name: `${index}`.padEnd(60_000, 'x') }))
    await rejectsWith(read(rawZip(entries)), 'app-zip-rejected', /its directory is larger/)
})

test('an entry that unpacks beyond its bound is refused, whatever its header says', async () => {
    const bytes = rawZip([{ name: 'a', content: Buffer.alloc(5000) }])
    await rejectsWith(
        read(bytes, { fileSizeBytesMax: 4999 }),
        'app-zip-rejected',
        /a file of more than 4999 bytes/,
    )
    const liar = rawZip([{ name: 'a', content: Buffer.alloc(5_000_000), claimedSize: 0xffff_fff0 }])
    await rejectsWith(
        read(liar, { fileSizeBytesMax: 4999 }),
        'app-zip-rejected',
        /a file of more than 4999 bytes/,
    )
})

test('entries that unpack beyond the bound together are refused', async () => {
    const bytes = rawZip(['a', 'b', 'c'].map((name) => ({ name, content: Buffer.alloc(5000) })))
    await rejectsWith(
        read(bytes, { totalSizeBytesMax: 14_999 }),
        'app-zip-rejected',
        /14999 bytes altogether/,
    )
})

test('a bomb is refused by its ratio, and blank sources of modest size are not', async () => {
    const bytes = rawZip([{ name: 'a', content: Buffer.alloc(20 * 1024 * 1024) }])
    await rejectsWith(read(bytes), 'app-zip-rejected', /more than 200 times its size/)
    const modest = rawZip([{ name: 'a', content: Buffer.alloc(4 * 1024 * 1024) }])
    assert.equal((await read(modest)).files.get('a')?.length, 4 * 1024 * 1024)
})

test('a zip that was cut off anywhere is refused, never half read', async () => {
    const whole = rawZip([good, { name: 'b', content: 'some more text that is compressed' }])
    for (let length = 0; length < whole.length; length += 7) {
        await rejectsWith(read(whole.subarray(0, length)), 'app-zip-rejected', /is broken/)
    }
})

test('a zip with any byte of its data damaged is refused', async () => {
    const whole = rawZip([{ name: 'a', content: 'some text, some text, some more text' }])
    const dataStart = 30 + 1
    for (let at = dataStart; at < whole.indexOf(Buffer.of(0x50, 0x4b, 1, 2)); at += 1) {
        const damaged = Buffer.from(whole)
        damaged[at] = damaged[at]! ^ 0x10
        await rejectsWith(read(damaged), 'app-zip-rejected', /is broken/)
    }
})
