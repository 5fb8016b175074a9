// Records that are set aside take their reductions with them: left behind, those would be reductions without record.
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'

import { removeDurably } from '../../store/durable-files.js'
import { attempt } from '../../store/file-system-error.js'
import type { StoreFile } from '../../store/list-files.js'
import { digestOf } from '../../store/short-name.js'
import type { Staging } from '../../store/staging.js'
import type { ReorderPlan } from './plan-reorder.js'

/** Reductions of records that are in the log, but not on the chain that stays. */
export function reductionsToSetAside({ store, chain, index }: ReorderPlan): readonly StoreFile[] {
    return [...store.reductionFiles]
        .filter(([hash]) => !chain.reduced.has(hash) && index.table.find(hash) >= 0)
        .map(([, file]) => file)
}

/** Moves them into a folder: first the copies, for good, then the files themselves go. */
export async function setReductionsAside(
    files: readonly StoreFile[],
    folder: string,
    staging: Staging,
): Promise<void> {
    for (const file of files) {
        const content = await attempt('read', file.absolutePath, () => readFile(file.absolutePath))
        // Named after its content as well: another reduction of the same record may have been set aside before.
        const target = join(folder, `${basename(file.path)}.${digestOf(content)}`)
        await staging.commit(await staging.stage(target, content, file.absolutePath))
    }
    for (const file of files) await removeDurably(file.absolutePath)
}
