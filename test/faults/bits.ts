// Every bit of a small store, flipped one at a time: no flip may pass in silence.
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { checkStore } from '../../src/core/check/check-store.js'
import { parseReduction, type Reduction } from '../../src/core/reduction/reduction.js'
import { verifyStore } from '../../src/core/restore/verify-store.js'
import { openProcessStore } from '../../src/core/store/process-store.js'
import { inProcessCounter } from '../support/in-process-app.js'
import { additionEvent, LogWriter, reductionFile } from '../support/log-writer.js'
import { writeLog } from '../support/stores.js'
import { filePaths, writeFiles } from '../support/temporary.js'
import { inFolder } from './sweep.js'
import { Tally } from './tally.js'

const log = new LogWriter()
for (const additions of [[1], [-2, 30], [], [4]]) log.add({ events: additions.map(additionEvent) })
const [, reduced] = log.hashes

/** Few bytes, since each of them is flipped eight times; two files, so that a file's last line is not always the head. */
function makeSmallStore(store: string): string {
    writeLog(store, { 'a.jsonl': log.lines.slice(0, 2), 'b.jsonl': log.lines.slice(2) })
    if (reduced !== undefined) writeFiles(store, { [`reduction/${reduced}`]: reductionFile(reduced, '29') })
    return store
}

/** Flips bits of the log. The last record is held against the expected head: a chain alone cannot show a change of it. */
export async function sweepBitsOfLog(every: number, withHead = true): Promise<Tally> {
    const tally = new Tally('one bit of the log', withHead ? undefined : 'without-expected-head')
    await flipEach('composition', every, async (store, name, isLastRecord) => {
        const expectHead = withHead && isLastRecord ? log.head : undefined
        const { findings } = await checkStore(await openProcessStore(store), { expectHead })
        tally.add(name, findings.counts.error > 0 ? [] : ['verify-chain ends with 0'])
    })
    return tally
}

/** Flips bits of the reductions: with the app they are held against what replay gives. */
export async function sweepBitsOfReductions(every: number): Promise<Tally> {
    const tally = new Tally('one bit of a reduction, verified with the app')
    await flipEach('reduction', every, async (store, name, _, original, flipped) => {
        const { isSound } = await verifyStore(await openProcessStore(store), { app: inProcessCounter() })
        // Another case of a hash's digits, say, is another byte, but says the same.
        const isSame = JSON.stringify(valueOf(flipped)) === JSON.stringify(valueOf(original))
        tally.add(name, isSound && !isSame ? ['verify-chain ends with 0'] : [])
    })
    return tally
}

function valueOf(bytes: Buffer): Reduction | { readonly problem: string } {
    const parsed = parseReduction(bytes)
    // Not the form that it says it in.
    return 'problem' in parsed ? parsed : { hash: parsed.hash, value: parsed.value }
}

async function flipEach(
    part: 'composition' | 'reduction',
    every: number,
    check: (
        store: string,
        name: string,
        isLastRecord: boolean,
        original: Buffer,
        flipped: Buffer,
    ) => Promise<void>,
): Promise<void> {
    await inFolder(tmpdir(), async (folder) => {
        const store = makeSmallStore(join(folder, 'store'))
        const files = filePaths(join(store, part))
        let n = 0
        for (const file of files) {
            const path = join(store, part, file)
            const original = readFileSync(path)
            copyFileSync(path, join(folder, 'original'))
            const lastRecordAt = original.lastIndexOf('\n', original.length - 2) + 1
            for (let at = 0; at < original.length; at++) {
                for (let bit = 0; bit < 8; bit++) {
                    if (n++ % every !== 0) continue
                    const flipped = Buffer.from(original)
                    flipped[at] = (original[at] as number) ^ (1 << bit)
                    writeFileSync(path, flipped)
                    const isLastRecord = file === files.at(-1) && at >= lastRecordAt
                    await check(store, `${file}, byte ${at}, bit ${bit}`, isLastRecord, original, flipped)
                }
            }
            copyFileSync(join(folder, 'original'), path)
        }
    })
}
