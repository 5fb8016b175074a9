// A log whose last append was interrupted at any byte: told from damage, refused by what needs a whole log, left alone.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { ComplogError } from '../../src/core/errors.js'
import { reduce } from '../../src/core/rewrite/reduce.js'
import { planReorder } from '../../src/core/rewrite/reorder/plan-reorder.js'
import { planTruncate } from '../../src/core/rewrite/truncate/plan-truncate.js'
import { openProcessStore } from '../../src/core/store/process-store.js'
import { inProcessCounter } from '../support/in-process-app.js'
import { contents } from '../support/listing.js'
import { openAndCheck } from '../support/stores.js'
import { makeWork, type Subject } from './subjects.js'
import { inFolder } from './sweep.js'
import { Tally } from './tally.js'

/** Cuts the last file of the log at every byte. */
export async function sweepTornTails(subject: Subject, every: number): Promise<Tally> {
    const tally = new Tally('log cut at a byte of its last file')
    await inFolder(tmpdir(), async (folder) => {
        const store = join(makeWork(folder, subject), 'store')
        const path = join(store, 'composition', 'c.jsonl')
        // The reduction of a record that is cut off is an error of another kind.
        for (const name of readdirSync(join(store, 'reduction'))) rmSync(join(store, 'reduction', name))
        const whole = readFileSync(path)
        for (let size = 0; size < whole.length; size += every) {
            writeFileSync(path, whole.subarray(0, size))
            tally.add(`after ${size} bytes`, await problemsOf(store, whole, size))
        }
    })
    return tally
}

async function problemsOf(store: string, whole: Buffer, size: number): Promise<readonly string[]> {
    const before = JSON.stringify(contents(store))
    const { findings } = await openAndCheck(store)
    const errors = findings.list.filter(({ severity }) => severity === 'error').map(({ id }) => id)
    const problems: string[] = []
    const atEnd = size === 0 || whole[size - 1] === 0x0a || whole[size] === 0x0a
    const expected = atEnd ? [] : ['torn-tail']
    // A cut at the end of a record, with or without its line end, leaves a sound log: only --expect-head can tell.
    if (errors.join() !== expected.join()) problems.push(`findings: ${errors.join()}`)
    if (!atEnd) {
        const opened = await openProcessStore(store)
        const attempts: readonly (readonly [string, () => Promise<unknown>])[] = [
            ['truncate', () => planTruncate(opened, undefined)],
            ['reduce', () => reduce(opened, inProcessCounter())],
            ['reorder', () => planReorder(opened, undefined)],
        ]
        for (const [name, attempt] of attempts) {
            const code = await attempt().then(
                () => 'done',
                (error: unknown) => (error instanceof ComplogError ? error.code : String(error)),
            )
            if (!['torn-tail', 'error-findings', 'broken-chain'].includes(code))
                problems.push(`${name}: ${code}`)
        }
    }
    if (JSON.stringify(contents(store)) !== before) problems.push('the store was changed')
    return problems
}
