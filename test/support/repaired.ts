// What must hold of every repair: what stays and what was kept is together what was there, byte for byte.
import assert from 'node:assert/strict'
import { join } from 'node:path'

import { planRepair } from '../../src/core/rewrite/repair/plan-repair.js'
import { repair } from '../../src/core/rewrite/repair/repair.js'
import type { RepairOptions } from '../../src/core/rewrite/repair/repair-plan.js'
import { openProcessStore } from '../../src/core/store/process-store.js'
import { readFiles } from './temporary.js'

interface Index {
    readonly file: string
    readonly fileSizeBytes: number
    readonly lineEndsAdded?: readonly { readonly atBytes: number; readonly sizeBytes: number }[]
    readonly lines: readonly {
        readonly offsetBytes: number
        readonly sizeBytes: number
        readonly keptAtBytes: number
    }[]
}

export async function planAndRepair(folder: string, options: RepairOptions = {}) {
    const plan = await planRepair(await openProcessStore(folder), options)
    await repair(plan, options)
    return plan
}

/**
 * The log files as they were before they were repaired, put together of what is in the log and what was kept.
 *
 * @param below the folder that the paths of log files are relative to
 */
export function putTogether(folder: string, below = 'composition'): Record<string, Buffer> {
    const log = readFiles(join(folder, below))
    const kept = readFiles(join(folder, 'quarantine'))
    for (const [name, content] of Object.entries(kept)) {
        if (!name.endsWith('.json')) continue
        const { file, fileSizeBytes, lines, lineEndsAdded = [] } = JSON.parse(content.toString()) as Index
        const cut = kept[name.replace(/json$/, 'cut')]!
        let rest = log[file] ?? Buffer.alloc(0)
        const pieces: Buffer[] = []
        let at = 0
        const upTo = (offsetBytes: number) => {
            pieces.push(rest.subarray(0, offsetBytes - at))
            rest = rest.subarray(offsetBytes - at)
        }
        const steps = [
            ...lines.map((line) => ({ ...line, at: line.offsetBytes, isAdded: false })),
            ...lineEndsAdded.map((end) => ({ ...end, keptAtBytes: 0, at: end.atBytes, isAdded: true })),
        ].sort((a, b) => a.at - b.at || Number(b.isAdded) - Number(a.isAdded))
        for (const { sizeBytes, keptAtBytes, at: offsetBytes, isAdded } of steps) {
            upTo(offsetBytes)
            at = isAdded ? offsetBytes : offsetBytes + sizeBytes
            if (isAdded) rest = rest.subarray(sizeBytes)
            else pieces.push(cut.subarray(keptAtBytes, keptAtBytes + sizeBytes))
        }
        pieces.push(rest)
        rest = Buffer.alloc(0)
        log[file] = Buffer.concat([...pieces, rest])
        assert.equal(log[file].length, fileSizeBytes)
    }
    return Object.fromEntries(Object.entries(log).sort(([a], [b]) => (a < b ? -1 : 1)))
}
