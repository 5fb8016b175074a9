// A bit that is flipped in any file of a store since 2020-05 is found, but for those that no reader can tell: which
// these are follows from the format (see `whyUnseen` and `sameValue`). Here some bits of a store of every generation;
// in the long form (npm run test:whole) each one, and of what is large each byte or some of them. Whether the file of a
// value still holds what it is named after is asked of that file alone, and for some of those the whole store is
// checked. So it is for log lines and reductions: once for all flips in a line after which it says the same, and then
// for one of them in 64.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { constants, inflateRawSync } from 'node:zlib'

import { checkValues } from '../../../src/core/later/reading/check-values.js'
import { headFileName, listLater } from '../../../src/core/later/reading/list-later.js'
import { type ReadLater, readListed } from '../../../src/core/later/reading/read-later.js'
import { isNoRecord, type LaterEvent, parseLaterRecord } from '../../../src/core/later/records/record.js'
import { hashOfBlob, type ValueHash } from '../../../src/core/later/values/value.js'
import { type ValueFile, valueIn } from '../../../src/core/later/values/value-files.js'
import { decodeJsonForm } from '../../../src/core/later/values/value-forms.js'
import { checkRead, type VerifiedLater, verifyLater } from '../../../src/core/later/verify-later.js'
import { laterStoreAt } from '../../../src/core/store/recognise.js'
import { filesOfLater } from '../../support/later-stores.js'
import { temporaryFolder, writeFiles } from '../../support/temporary.js'
import { thinned } from '../../support/thinned.js'

type Files = Readonly<Record<string, Buffer>>

/** One of every generation. */
const stores = [
    'g2-history',
    'g3-truncated',
    'g3b-threshold',
    'g3c-history',
    'g3d-2021-06-truncated',
    'cont-g3d-g4',
    'history-v2021-09-01',
    'truncated-v2022-03-20',
    'function-v2023-03-16',
    'v040-history',
    'v043-plain',
    'v044-history',
    'v0418-fn',
    'v053-fn',
]
const flipsOfPart = 80
const reductionsMax = 4
/** Of so many files of values of a store, the whole is asked. */
const askedWholeMax = thinned(2, 5)
const logSizeBytesMax = 42_000
/** Of so many flips after which a line says the same, the whole store is checked for one. */
const flipsPerCheck = 64

/** Where each takes long, each byte has one of its bits flipped in turn, of what takes longest one byte in eight. */
function bitsBetween(file: string, bytes: Buffer): number {
    if (file.startsWith(logFolder)) return bytes.length > 10_000 ? 9 : 1
    const sizeBytes = file.includes('deflated') ? unpack(bytes).length : 0
    return sizeBytes > 200_000 ? 65 : sizeBytes > 10_000 ? 9 : 1
}

const lineFeed = 0x0a
const logFolder = 'composition-log/literal/'
const reductionFolder = 'provisional-reduction/'

/** A few of its reductions, which no host misses, and the first lines of its log: since 2025 each has some 30 kB. */
function smallStore(name: string): Files {
    const entries = Object.entries(filesOfLater(name))
    let rest = logSizeBytesMax
    const logFiles = entries
        .filter(([path]) => path.startsWith(logFolder))
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([path, bytes]): [string, Buffer] => {
            const end = bytes.length <= rest ? bytes.length : bytes.lastIndexOf('\n', rest) + 1
            rest = end < bytes.length ? 0 : rest - end
            return [path, bytes.subarray(0, end)]
        })
    const hashes = new Set<string>(logFiles.flatMap(([, bytes]) => linesOf(bytes).map(hashOfBlob)))
    const isLeft = (path: string) => rest > 0 || hashes.has(path.slice(reductionFolder.length))
    const reductions = entries.filter(([path]) => path.startsWith(reductionFolder) && isLeft(path))
    const step = Math.ceil(reductions.length / reductionsMax)
    return Object.fromEntries([
        ...logFiles.filter(([, bytes]) => bytes.length > 0),
        ...reductions.filter((_, i) => i % step === 0),
        ...entries.filter(([path]) => !path.startsWith(logFolder) && !path.startsWith(reductionFolder)),
    ])
}

function linesOf(bytes: Buffer): readonly Buffer[] {
    const lines: Buffer[] = []
    for (let at = 0, end: number; (end = bytes.indexOf('\n', at)) >= 0; at = end + 1)
        lines.push(bytes.subarray(at, end))
    return lines
}

/** Where the line begins and ends that holds a byte. */
function lineAt(bytes: Buffer, at: number): readonly [from: number, to: number] {
    return [at === 0 ? 0 : bytes.lastIndexOf('\n', at - 1) + 1, bytes.indexOf('\n', at)]
}

function parsedWith(known: (value: unknown) => unknown, bytes: Buffer): string {
    try {
        return JSON.stringify(JSON.parse(bytes.toString('utf8')), (_, value: unknown) => known(value))
    } catch {
        return 'nothing'
    }
}

interface Flip {
    readonly file: string
    readonly bit: number
    readonly bytes: Buffer
    readonly flipped: Buffer
}

function* flipsOf(files: Files): Generator<Flip> {
    const bits = Object.values(files).reduce((sum, { length }) => sum + length * 8, 0)
    const step = thinned(Math.floor(bits / flipsOfPart) | 1, 1)
    let bit = 0
    for (const [file, bytes] of Object.entries(files)) {
        const stepHere = Math.max(step, bitsBetween(file, bytes))
        for (; bit < bytes.length * 8; bit += stepHere) {
            const flipped = Buffer.from(bytes)
            flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7))
            yield { file, bit, bytes, flipped }
        }
        bit -= bytes.length * 8
    }
}

const notFound = 'not found'
const unpack = (packed: Buffer) => inflateRawSync(packed, { finishFlush: constants.Z_SYNC_FLUSH })

for (const name of stores) {
    test(`${name}: a bit that is flipped in any file is found, where anything tells`, async (t) => {
        const files = smallStore(name)
        const store = await FlippedStore.of(temporaryFolder(t), files)
        const verdicts: Record<string, number> = {}
        const unfound: string[] = []
        for (const flip of flipsOf(files)) {
            const verdict = await store.verdictOn(flip)
            verdicts[verdict] = (verdicts[verdict] ?? 0) + 1
            if (verdict === notFound) unfound.push(`${flip.file}: ${flip.bit}`)
        }
        const flips = Object.values(verdicts).reduce((sum, each) => sum + each, 0)
        t.diagnostic(`${flips} flips: ${JSON.stringify(verdicts)}`)
        assert.deepEqual(unfound, [])
    })
}

const keysOf = ({ findings }: VerifiedLater) =>
    findings.list.map(({ id, severity, place }) => `${id} ${severity} ${place?.file}:${place?.line}`)

/** A store of which one bit at a time is another. */
class FlippedStore {
    readonly #root: string
    readonly #files: Files
    readonly #read: ReadLater
    readonly #valueFiles: ReadonlyMap<string, ValueFile>
    readonly #sound: ReadonlySet<string>
    readonly #named: ReadonlySet<string>
    readonly #known: ReadonlySet<string>
    readonly #asked = new Set<string>()
    readonly #verdicts = new Map<string, { readonly verdict: string; flips: number }>()

    private constructor(root: string, files: Files, read: ReadLater) {
        this.#root = root
        this.#files = files
        this.#read = read
        const valueFiles = [...read.listed.values.byHash].flatMap(([, each]) => each)
        this.#valueFiles = new Map(valueFiles.map((each) => [each.file.path, each]))
        this.#sound = new Set(keysOf(checkRead(read)))
        this.#named = namedIn(files, read)
        const rows = Array.from({ length: read.log.table.length }, (_, row) => read.log.table.hashAt(row))
        this.#known = new Set([...rows, ...read.values.hashes])
    }

    static async of(root: string, files: Files): Promise<FlippedStore> {
        writeFiles(root, files)
        const store = laterStoreAt(root)
        assert.ok(store)
        const listed = await listLater(store)
        const values = await checkValues(listed.values, { withRecords: listed.headFile !== undefined })
        const load = values.loadWhole.bind(values)
        const loaded = new Map<ValueHash, ReturnType<typeof load>>()
        values.loadWhole = (hash) => {
            if (!loaded.has(hash)) loaded.set(hash, load(hash))
            return loaded.get(hash)
        }
        return new FlippedStore(root, files, await readListed(listed, { values }))
    }

    /** The finding that tells of it; else why none can, in brackets; else `notFound`. */
    async verdictOn(flip: Flip): Promise<string> {
        const { file, flipped } = flip
        const valueFile = this.#valueFiles.get(file)
        if (valueFile !== undefined) {
            if (!('problem' in valueIn(valueFile, flipped))) return sameValue(valueFile, flip)
            await this.#askWhole(flip)
            return 'value-differs'
        }
        const said = this.#saidBy(flip)
        const before = said === undefined ? undefined : this.#verdicts.get(said)
        if (before !== undefined && ++before.flips % flipsPerCheck !== 0) return before.verdict
        const isOfLog = file.startsWith('composition-log/')
        const check = () => this.#check(isOfLog ? flip : undefined)
        const [found] = this.#newIn(await (isOfLog ? check() : this.#written(flip, check)))
        const verdict = found?.split(' ', 1)[0] ?? whyUnseen(this.#named, flip)
        assert.equal(verdict, before?.verdict ?? verdict, said)
        if (said !== undefined) this.#verdicts.set(said, before ?? { verdict, flips: 0 })
        return verdict
    }

    /** All that a line, or a reduction, says now beside texts; undefined where something else is another. */
    #saidBy({ file, bit, bytes, flipped }: Flip): string | undefined {
        const at = bit >> 3
        if (file === headFileName || [bytes[at], flipped[at]].includes(lineFeed)) return undefined
        const known = (hash: unknown) =>
            typeof hash === 'string' && /^[0-9a-f]{64}$/.test(hash) && !this.#known.has(hash)
                ? 'another'
                : hash
        if (file.startsWith(reductionFolder)) return `${file} ${parsedWith(known, flipped)}`
        const [from, to] = lineAt(bytes, at)
        const record = parseLaterRecord(flipped.subarray(from, to))
        const says = isNoRecord(record)
            ? (record.isOfUnknownEvent ?? record.problem.slice(0, 20))
            : [
                  known(record.parent),
                  record.events.map((event) => [event.kind, known(event.names), isCall(event)]),
              ]
        return `${file} ${from} ${JSON.stringify(says)}`
    }

    /** @param flip of a log file, which is not written */
    async #check(flip: Flip | undefined): Promise<VerifiedLater> {
        const readLogFile = ({ path }: { readonly path: string }) =>
            path === flip?.file ? flip.flipped : (this.#files[path] as Buffer)
        const { listed, values } = this.#read
        return checkRead(await readListed(listed, { values, readLogFile }))
    }

    #newIn(checked: VerifiedLater): readonly string[] {
        return keysOf(checked).filter((key) => !this.#sound.has(key))
    }

    async #askWhole(flip: Flip): Promise<void> {
        if (this.#asked.size >= askedWholeMax || this.#asked.has(flip.file)) return
        this.#asked.add(flip.file)
        const found = this.#newIn(await this.#written(flip, () => verifyLater(this.#read.store)))
        assert.ok(
            found.some((key) => key.startsWith('value-differs ') && key.includes(flip.file)),
            flip.file,
        )
    }

    async #written<T>({ file, bytes, flipped }: Flip, ask: () => Promise<T>): Promise<T> {
        writeFileSync(join(this.#root, file), flipped)
        const answer = await ask()
        writeFileSync(join(this.#root, file), bytes)
        return answer
    }
}

/** Whether it holds arguments that can be read, which are looked at where no other record bears witness. */
const isCall = ({ kind, text = '' }: LaterEvent) =>
    kind === 'apply-function-on-literal' && !('problem' in decodeJsonForm(Buffer.from(text)))

/** The records for which another, or a reduction, bears witness. Of one that was cut off, a reduction may be left. */
function namedIn(files: Files, { isTruncated }: ReadLater): ReadonlySet<string> {
    const named = new Set<string>()
    for (const [path, bytes] of Object.entries(files)) {
        if (path.startsWith(reductionFolder) && !isTruncated) named.add(path.slice(reductionFolder.length))
        if (!path.startsWith(logFolder)) continue
        for (const record of linesOf(bytes).map(parseLaterRecord))
            if (!isNoRecord(record) && record.parent !== undefined) named.add(record.parent)
    }
    return named
}

/**
 * In a log of lines nothing names the newest record, nor one of an administrator, behind which a host goes on from the
 * record before it. Changed, it must still be a record.
 */
function whyUnseen(named: ReadonlySet<string>, { file, bit, bytes, flipped }: Flip): string {
    if (!file.startsWith(logFolder)) return notFound
    const [from, to] = lineAt(bytes, bit >> 3)
    const isRecord = !isNoRecord(parseLaterRecord(flipped.subarray(from, to)))
    const isNamed = named.has(hashOfBlob(bytes.subarray(from, to)))
    return isRecord && !isNamed ? '(a record that nothing names)' : notFound
}

/** Packed otherwise it may be the same, or, in a form that leaves a choice, written otherwise: then it has its hash. */
function sameValue({ hash, folder }: ValueFile, { bytes, flipped }: Flip): string {
    if (!folder.isDeflated) return notFound
    const unpacked = unpack(flipped)
    if (unpacked.equals(unpack(bytes))) return '(packed alike)'
    const decoded = folder.decode(unpacked, hash)
    const isSame = folder.isWhole && 'hash' in decoded && decoded.hash === hash
    return isSame ? '(the same value)' : notFound
}
