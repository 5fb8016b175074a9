// Nothing that stands in a file or on a command line ends complog in any other way than by an error of its own, nor
// makes it hang: mutated and arbitrary inputs to everything that reads. COMPLOG_FUZZ_INPUTS says how many; the long form
// is `npm run test:fuzz`.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

import fc from 'fast-check'

import { positionOf } from '../../src/core/check/choose-chain.js'
import { isProblem, parseRecord } from '../../src/core/composition/record.js'
import { parseRef } from '../../src/core/composition/ref.js'
import { prepareElmJson } from '../../src/core/elm-app/compile/elm-json.js'
import { parseAppMap } from '../../src/core/elm-app/source/app-map.js'
import { readZipSources } from '../../src/core/elm-app/source/zip-sources.js'
import { ComplogError } from '../../src/core/errors.js'
import { parseBaseline } from '../../src/core/profile/baseline.js'
import { parseReduction } from '../../src/core/reduction/reduction.js'
import { rawZip } from '../core/elm-app/raw-zip.js'
import { anyText } from '../support/any-text.js'
import { complog } from '../support/cli.js'
import { counterLog, recordLine, reductionFile } from '../support/log-writer.js'
import { fixtureStores, fixturesFolder, makeStore, openAndCheck } from '../support/stores.js'
import { temporaryFolder } from '../support/temporary.js'
import { damaged, hostileJson } from './inputs.js'

const inputs = Number(process.env['COMPLOG_FUZZ_INPUTS'] ?? 700)
const millisecondsMax = 1000
const { lines, hashes, head } = counterLog(5)
const mapFile = readFileSync(join(fixturesFolder, 'apps', 'counter', 'elm-app.map.json'))
const elmJson = readFileSync(join(fixturesFolder, 'apps', 'counter', 'elm-app', 'elm.json'))
const baseline = Buffer.from(
    JSON.stringify({
        schema: 'complog/profile-baseline/1',
        machine: { node: 'v20', platform: 'linux', cpu: 'any' },
        restored: { head, events: 1, scriptHash: 'A', mode: 'default' },
        totalMilliseconds: [1],
        relative: [1],
    }),
)

/** Runs something that may end in one way only: with an answer or with an error of complog's own, and soon. */
async function endsWell(what: string, run: () => unknown): Promise<void> {
    const begin = performance.now()
    try {
        await run()
    } catch (error) {
        assert.ok(
            error instanceof ComplogError,
            `${what}: ${String(error instanceof Error ? error.stack : error)}`,
        )
    }
    const milliseconds = performance.now() - begin
    assert.ok(milliseconds < millisecondsMax, `${what} took ${milliseconds} ms`)
}

async function fuzz(
    seeds: readonly Uint8Array[],
    read: (bytes: Buffer) => unknown,
    numRuns = inputs,
): Promise<void> {
    const any = fc.oneof({ weight: 4, arbitrary: damaged(seeds) }, { weight: 1, arbitrary: hostileJson })
    await fc.assert(
        fc.asyncProperty(any, (bytes) => endsWell(bytes.toString('latin1', 0, 500), () => read(bytes))),
        { numRuns },
    )
}

test(`${inputs} lines are each a record or a problem`, async () => {
    const seeds = (['2018-11', '2019-03', '2019-04'] as const).map((generation) =>
        Buffer.from(recordLine({ generation, setState: '1\u0000"', events: ['{"addition":1}', ''] })),
    )
    await fuzz(seeds, (bytes) => {
        const parsed = parseRecord(bytes)
        if (isProblem(parsed)) return
        assert.match(parsed.parentHash, /^[0-9A-F]{64}$/)
        assert.ok(parsed.events.every((event) => typeof event === 'string'))
    })
})

test(`${inputs} reductions are each read or a problem`, async () => {
    const stored = fixtureStores.flatMap(({ path }) => {
        const folder = join(path, 'reduction')
        return readdirSync(folder).map((name) => readFileSync(join(folder, name)))
    })
    await fuzz([...stored, reductionFile(head, '15')], (bytes) => {
        const parsed = parseReduction(bytes)
        if (!('problem' in parsed)) assert.equal(typeof parsed.value, 'string')
    })
})

test(`${inputs} map files are each read or refused`, () =>
    fuzz([mapFile], (bytes) => parseAppMap(bytes, 'map')))

test(`${inputs} elm.json files are each read or refused`, () =>
    fuzz([elmJson], (bytes) => prepareElmJson(bytes)))

test(`${inputs} baselines are each read or refused`, () =>
    fuzz([baseline], (bytes) => parseBaseline(bytes.toString('utf8'), 'baseline')))

test(`${inputs} zips are each read or refused`, async (t) => {
    const path = join(temporaryFolder(t), 'app.zip')
    const zip = rawZip([
        { name: 'elm-app.map.json', content: mapFile },
        { name: 'elm-app/elm.json', content: elmJson, store: true },
        { name: 'elm-app\\Counter.elm', content: 'module Counter exposing (..)\n' },
    ])
    await fuzz([zip, rawZip([{ name: 'elm-app.zip', content: zip }])], (bytes) => {
        writeFileSync(path, bytes)
        return readZipSources(path)
    })
})

const ref = fc.oneof(
    anyText(),
    fc
        .constantFrom(...hashes, 'head', 'first', '#1', 'head~0')
        .chain((text) =>
            fc
                .tuple(fc.nat(text.length), fc.string({ maxLength: 3 }))
                .map(([at, more]) => text.slice(0, at) + more),
        ),
    fc.bigInt({ min: -1n, max: 10n ** 30n }).chain((n) => fc.constantFrom(`head~${n}`, `#${n}`, String(n))),
)

test(`${inputs} REFs each name a record or are refused`, async (t) => {
    const { longest } = await openAndCheck(makeStore(temporaryFolder(t), lines))
    const property = fc.asyncProperty(ref, (text) =>
        endsWell(text, async () => {
            const position = await positionOf({ chain: longest, head: 5 }, parseRef(text))
            assert.ok(position >= 1 && position <= 5)
        }),
    )
    await fc.assert(property, { numRuns: inputs })
})

const commandRuns = Math.ceil(inputs / 250)

test(`${commandRuns} commands with any arguments end with a code of the table, and say something`, async (t) => {
    const store = makeStore(temporaryFolder(t), lines)
    // No NUL: no system hands one to a program.
    const word = fc.oneof(
        ref,
        fc.constantFrom(
            store,
            '/dev/null',
            '',
            '--',
            '--json',
            '--app',
            '--until',
            '--head',
            '--at',
            '-y',
            '--every',
        ),
    )
    const argument = word.map((text) => text.replaceAll('\0', ''))
    const command = fc.constantFrom(
        'verify-chain',
        'replay',
        'reduce',
        'truncate',
        'reorder',
        'profile',
        'repair',
        'x',
    )
    const property = fc.asyncProperty(command, fc.array(argument, { maxLength: 5 }), async (name, args) => {
        const { exitCode, stdout, stderr } = await complog([name, ...args])
        assert.ok([0, 2, 3, 10, 12, 14, 16].includes(exitCode ?? -1), `${exitCode ?? ''}: ${stderr}`)
        assert.ok(stdout.length + stderr.length > 0)
    })
    await fc.assert(property, { numRuns: commandRuns })
})
