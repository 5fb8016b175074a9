import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, test } from 'node:test'

import fc from 'fast-check'

import { resultOf } from '../support/envelope.js'
import { copyStore, fixtureStores, readLog } from '../support/stores.js'
import { readFiles, temporaryFolder, writeFiles } from '../support/temporary.js'
import { warmComplog } from '../support/warm.js'

interface Flip {
    readonly file: string
    /** From 1. */
    readonly line: number
    readonly offsetBytes: number
    /** What the byte is combined with, by exclusive or. */
    readonly mask: number
    /** Nothing stands behind the head: that it was changed shows only against the head that is expected. */
    readonly isHead: boolean
}

/** Any byte of any record of a log, line ends apart. */
function flips(store: string): fc.Arbitrary<Flip> {
    const places = Object.entries(readLog(store)).flatMap(([file, lines]) => {
        let offset = 0
        const lineEndBytes = readFiles(join(store, 'composition'))[file]!.includes('\r\n') ? 2 : 1
        return lines.map((line, i) => {
            const place = { file, line: i + 1, begin: offset, sizeBytes: line.length }
            offset += line.length + lineEndBytes
            return place
        })
    })
    return fc
        .tuple(fc.constantFrom(...places), fc.nat(1_000_000), fc.integer({ min: 1, max: 255 }))
        .map(([place, at, mask]) => ({
            file: place.file,
            line: place.line,
            offsetBytes: place.begin + (at % place.sizeBytes),
            mask,
            isHead: place === places.at(-1),
        }))
}

function flip(store: string, { file, offsetBytes, mask }: Omit<Flip, 'isHead'>): void {
    const path = `composition/${file}`
    const bytes = Buffer.from(readFiles(store)[path]!)
    bytes[offsetBytes]! ^= mask
    writeFiles(store, { [path]: bytes })
}

describe('verify-chain with a single byte changed anywhere in a record', () => {
    for (const { name, path, expected } of fixtureStores) {
        test(`ends with 3 and names file and line: ${name}`, async (t) => {
            const folder = temporaryFolder(t)
            let run = 0
            const property = fc.asyncProperty(flips(path), async (flipped) => {
                const store = join(folder, String(++run))
                copyStore(path, store)
                flip(store, flipped)
                const result = await resultOf('verify-chain', [store, '--expect-head', expected.tip], 'no')
                const accused = result.findings.filter(
                    ({ severity, place }) =>
                        severity === 'error' && place?.file === flipped.file && place.line === flipped.line,
                )
                const isHeadFound = flipped.isHead && result.findings.some(({ id }) => id === 'head-differs')
                assert.ok(accused.length > 0 || isHeadFound, JSON.stringify(result.findings, null, 2))
            })
            await fc.assert(property, { numRuns: 6 })
        })
    }

    test('prints file and line for a person', async (t) => {
        const { path } = fixtureStores[2]!
        const store = temporaryFolder(t)
        copyStore(path, store)
        const file = '2019-04-28/2019-04-28T13.composition.jsonl'
        flip(store, { file, line: 1, offsetBytes: 100, mask: 1 })
        const { exitCode, stdout } = await warmComplog(['verify-chain', store])
        assert.equal(exitCode, 3)
        assert.ok(stdout.includes(`error altered-record\n  at ${file}:1 (byte 0)\n`), stdout)
    })
})
