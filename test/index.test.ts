// The library as somebody uses it who has only what index.ts exports, and what is written about it.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'

import ts from 'typescript'

import * as complog from '../src/index.js'
import { packageFolder } from './support/build.js'
import { unpackLater } from './support/later-stores.js'
import { counterLog, reductionFile } from './support/log-writer.js'
import { copyStore, fixtureStores, fixturesFolder, makeStore, readLog, writeLog } from './support/stores.js'
import { temporaryFolder } from './support/temporary.js'
import { cacheFolder, elmHome } from './support/test-folder.js'

const { path, expected, responses } = fixtureStores[2]!
const app = complog.loadElmApp({
    path: join(fixturesFolder, 'apps', 'counter'),
    elmHome,
    cacheDirectory: cacheFolder,
})

describe('the library', () => {
    test('opens and verifies a store', async () => {
        const store = await complog.openProcessStore(path)
        assert.equal(store.layout.kind, 'process-store')
        assert.equal(store.logFiles.length, expected.files)
        const verified = await complog.verifyStore(store, { app: await app })
        assert.equal(verified.isSound, true)
        assert.deepEqual(verified.heads, [expected.tip])
        assert.equal(verified.reductionsByReplay?.proven, 3)
        assert.equal(verified.findings.counts.error, 0)
    })

    test('follows the chain, record by record', async () => {
        const checked = await complog.checkLog(await complog.openProcessStore(path))
        let parent: string = complog.genesis
        let records = 0
        for await (const batch of checked.longest.read(1, checked.longest.length)) {
            for (const record of batch) {
                assert.equal(record.parentHash, parent)
                assert.equal(record.position, ++records)
                parent = record.hash
            }
        }
        assert.deepEqual([records, parent], [expected.records, expected.tip])
    })

    test('restores the state, and hands out responses and progress', async () => {
        const store = await complog.openProcessStore(path)
        const received: string[] = []
        const activities = new Set<complog.Activity>()
        const restored = await complog.restore(store, await app, {
            fromGenesis: true,
            onResponses: (batch) => void received.push(...batch),
            onProgress: ({ activity }) => activities.add(activity),
        })
        assert.equal(restored.state, expected.state)
        assert.deepEqual(received, responses)
        assert.deepEqual([...activities].sort(), ['check', 'replay'])
        const until = await complog.restore(store, await app, { until: complog.parseRef('head~1') })
        assert.equal(until.position, expected.records - 1)
    })

    test('runs an app by itself', async () => {
        const instance = await (await app).start()
        const { responses: answers } = await instance.apply({
            inputs: ['{"addition":3}', '40', '{"addition":2}'],
            kinds: Uint8Array.of(0, 1, 0),
            collectResponses: true,
        })
        assert.deepEqual(answers, ['3', '42'])
        assert.equal(await instance.serializeState(), '42')
        await instance.close()
    })

    test('reduces, truncates and reorders', async (t) => {
        const folder = temporaryFolder(t)
        const root = join(folder, 'store')
        copyStore(path, root)
        const log = readLog(root)
        writeLog(
            root,
            Object.fromEntries(Object.entries(log).map(([file, lines]) => [file, lines.toReversed()])),
        )

        const plan = await complog.planReorder(await complog.openProcessStore(root), undefined)
        assert.equal(plan.head, expected.tip)
        const reordered = await complog.reorderTo(plan, join(folder, 'ordered'))
        assert.ok(reordered.filesWritten > 0)
        await complog.reorderInPlace(plan)
        assert.deepEqual(readLog(root), log)

        const at = complog.parseRef('#40')
        const reduced = await complog.reduce(await complog.openProcessStore(root), await app, { at })
        assert.deepEqual(
            reduced.reductions.map(({ position, outcome, written }) => [position, outcome, written]),
            [[40, 'new', true]],
        )

        const store = await complog.openProcessStore(root)
        const cut = await complog.planTruncate(store, at)
        assert.deepEqual(cut.records, { removed: 39, kept: 9 })
        const archive = join(folder, 'archive')
        await complog.checkArchive(cut, archive)
        await complog.proveChainAfter(cut)
        await complog.proveTruncate(cut, await app)
        await complog.truncate(cut, { archive })
        const after = await complog.restore(await complog.openProcessStore(root), await app)
        assert.deepEqual([after.state, after.hash], [expected.state, expected.tip])
        assert.deepEqual(readdirSync(folder).sort(), ['archive', 'ordered', 'store'])
    })

    test('says what happened: events that are found, what a record did, and what is different', async () => {
        const store = await complog.openProcessStore(path)
        const hits: complog.Hit[] = []
        for await (const hit of complog.search(store, { where: 'event.addition > 900' })) hits.push(hit)
        const [hit] = hits
        assert.ok(hit !== undefined && hits.length === 1)
        const { longest: chain } = await complog.checkLog(store)
        const { position } = hit.record
        const states = await complog.statesAround(store, await app, { chain, from: position, to: position })
        const effect = await complog.effectIn(states, position)
        await states.close()
        assert.ok(effect?.before !== undefined)
        const { before, after } = effect
        assert.equal(Number(after) - Number(before), 931)
        assert.deepEqual(complog.differenceOf(before, after).changes, [{ pointer: '', before, after }])
        const condition = await complog.Condition.start('state > before')
        assert.deepEqual([...(await condition.test([{ before, state: after }], () => 'it'))], [1])
        await condition.close()
    })

    test('measures restores', async () => {
        const store = await complog.openProcessStore(path)
        const measured = await complog.profile(store, await app, { runs: 2, warmup: 0 })
        const baseline = complog.parseBaseline(JSON.stringify(measured.asBaseline), 'baseline.json')
        assert.equal(baseline.restored.head, expected.tip)
    })

    test('throws errors with a code, and reports findings without throwing', async (t) => {
        await assert.rejects(
            complog.openProcessStore('/nowhere'),
            (error) => error instanceof complog.ComplogError && error.code === 'no-process-store',
        )
        const log = counterLog(3)
        const root = makeStore(temporaryFolder(t), [...log.lines, '{'], {
            [log.head]: reductionFile(log.head, '0'),
        })
        const verified = await complog.verifyStore(await complog.openProcessStore(root))
        assert.equal(verified.isSound, false)
        const [found] = verified.findings.list
        assert.equal(found?.id, 'malformed-record')
        assert.equal(found.help, complog.findingKinds['malformed-record'].help)
        await assert.rejects(
            complog.restore(await complog.openProcessStore(root), await app),
            (error) => error instanceof complog.ComplogError && error.code === 'broken-chain',
        )
    })

    test('reads and writes the parts of a store', () => {
        const [line] = Object.values(readLog(path)).flat() as [Buffer]
        const record = complog.parseRecord(line)
        assert.ok('parentHash' in record)
        assert.equal(record.parentHash, complog.genesis)
        const hash = complog.hashOfLine(line)
        assert.equal(complog.hashFromHex(hash.toLowerCase()), hash)
        const reduction = { hash, value: 'state' }
        const read = complog.parseReduction(complog.serializeReduction(reduction))
        assert.ok('value' in read)
        assert.deepEqual({ hash: read.hash, value: read.value }, reduction)
    })
})

describe('index.ts', () => {
    const index = join(packageFolder, 'src', 'index.ts')
    const config = ts.readConfigFile(join(packageFolder, 'tsconfig.json'), (file) =>
        readFileSync(file, 'utf8'),
    )
    const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, packageFolder)
    const program = ts.createProgram([index], options)
    const checker = program.getTypeChecker()
    const moduleOfIndex = checker.getSymbolAtLocation(program.getSourceFile(index)!)!
    const exported = checker.getExportsOfModule(moduleOfIndex)

    const declared = (symbol: ts.Symbol) =>
        symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
    const isDocumented = (symbol: ts.Symbol) => symbol.getDocumentationComment(checker).length > 0

    test('reads the app out of a store since 2020-05', async (t) => {
        const store = complog.laterStoreAt(unpackLater('plain-v2022-03-20', temporaryFolder(t)))
        assert.ok(store)
        const read = await complog.readLater(store)
        const { app: deployed, kind, position } = complog.deployedApp(read)
        assert.deepEqual([kind, position], ['deployment', 1])
        assert.ok(complog.filesOfApp(read.values, deployed).has('elm.json'))
    })

    test('exports nothing without a word about it', () => {
        assert.ok(exported.length > 50)
        const undocumented = exported.filter(
            (symbol) => !isDocumented(declared(symbol)) && !hasTags(declared(symbol)),
        )
        assert.deepEqual(
            undocumented.map(({ name }) => name),
            [],
        )
    })

    test('exports every type that its functions take or give', () => {
        const names = new Set(exported.map((symbol) => declared(symbol).name))
        const missing = new Set<string>()
        for (const symbol of exported) {
            for (const declaration of declared(symbol).declarations ?? []) {
                if (!ts.isFunctionDeclaration(declaration)) continue
                const own = new Set(declaration.typeParameters?.map(({ name }) => name.text))
                for (const type of typesNamedIn(declaration))
                    if (!names.has(type) && !own.has(type)) missing.add(`${type} (${symbol.name})`)
            }
        }
        assert.deepEqual([...missing], [])
    })

    function hasTags(symbol: ts.Symbol): boolean {
        return symbol.getJsDocTags(checker).length > 0
    }

    /** Types of this package that stand in the signature of a function. */
    function typesNamedIn(declaration: ts.FunctionDeclaration): readonly string[] {
        const found: string[] = []
        const visit = (node: ts.Node): void => {
            if (ts.isTypeReferenceNode(node)) {
                const symbol = checker.getSymbolAtLocation(node.typeName)
                const target = symbol && declared(symbol)
                const file = target?.declarations?.at(0)?.getSourceFile().fileName ?? ''
                if (target && file.startsWith(join(packageFolder, 'src'))) found.push(target.name)
            }
            ts.forEachChild(node, visit)
        }
        for (const parameter of declaration.parameters) visit(parameter)
        if (declaration.type) visit(declaration.type)
        return found
    }
})
