// The fast way and the reference agree on every input: here on some thousand mutated records, and on as many as
// COMPLOG_FUZZ_RECORDS says in the long form (npm run test:fuzz-fast).
import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'

import fc from 'fast-check'

import { temporaryFolder, writeFiles } from '../../support/temporary.js'
import { thinned } from '../../support/thinned.js'
import { agreedCheck } from './agreement.js'
import { logRecipe, writeMutatedLog } from './mutated-logs.js'

const mutatedMin = Number(process.env['COMPLOG_FUZZ_RECORDS'] ?? thinned(500, 6000))
const linesMax = thinned(250, 600)

const settings = fc.record({
    pieceSizeBytes: fc.constantFrom(50, 200, 1000, 5000, 1 << 20),
    lookahead: fc.record({
        firstSizeBytes: fc.constantFrom(0, 1, 100, 4096),
        sizeBytesMax: fc.constantFrom(0, 1, 300, 1 << 17),
    }),
    scannerHashSizeBytesMax: fc.constantFrom(0, 180, 375, 16_000),
})
const lineSizeBytesMax = fc.oneof(
    { weight: 3, arbitrary: fc.constant(256 * 1024 * 1024) },
    { weight: 1, arbitrary: fc.constantFrom(10, 150, 400, 1000) },
)

test(`the fast way agrees with the reference on ${mutatedMin} mutated records`, async (t) => {
    const folder = temporaryFolder(t)
    let mutated = 0
    let inOrder = 0
    let runs = 0
    const property = fc.asyncProperty(
        logRecipe(linesMax),
        settings,
        lineSizeBytesMax,
        fc.array(fc.nat(), { maxLength: 3 }),
        async (recipe, fastSettings, lineMax, reduced) => {
            const log = writeMutatedLog(recipe)
            const reductions = reduced.flatMap((i) => log.hashes[i % Math.max(1, log.hashes.length)] ?? [])
            const store = join(folder, String(runs++))
            writeFiles(store, {
                ...log.files,
                ...Object.fromEntries(reductions.map((hash) => [`reduction/${hash}`, ''])),
            })
            const options = { threads: 1, ...fastSettings }
            if ((await agreedCheck(store, options, { lineSizeBytesMax: lineMax })) !== undefined) inOrder++
            rmSync(store, { recursive: true })
            mutated += log.mutated
        },
    )
    while (mutated < mutatedMin) await fc.assert(property, { numRuns: thinned(15, 50) })
    assert(inOrder > runs / thinned(8, 4), `only ${inOrder} of ${runs} logs were read to their end`)
    t.diagnostic(`${runs} logs, ${inOrder} of them in order, ${mutated} mutated records`)
})
