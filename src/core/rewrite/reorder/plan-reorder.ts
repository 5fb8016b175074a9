// What a log in order will be, worked out without touching anything.
import type { Ref } from '../../composition/ref.js'
import { chunkSizeBytes } from '../../limits.js'
import type { WorkOptions } from '../../progress.js'
import { type AnyStore, isLater } from '../../store/process-store.js'
import { readWholeFile } from '../../store/reading/read-whole.js'
import { type FileOrder, type LogOrder, orderInLog } from './log-order.js'
import { orderedLines } from './ordered-lines.js'
import type { OrderedCopy, PlanReorderOptions, ReorderPlan } from './output-folder.js'
import { linesOutsideChain } from './outside-chain.js'

/**
 * @param head the record that counts as the head, where the log leaves a choice
 * @throws ComplogError what `orderInLog` or `planReorderLater` throws
 */
export async function planReorder(
    store: AnyStore,
    head: Ref | undefined,
    options: PlanReorderOptions = {},
): Promise<ReorderPlan> {
    if (isLater(store)) {
        const { planReorderLater } = await import('./plan-reorder-later.js')
        return planReorderLater(store, head, options)
    }
    const order = await orderInLog(store, head, options)
    const { head: hash, length, moved } = order
    const ways = { copy: (work: WorkOptions) => copyOf(order, work), inPlace: () => order }
    return { store: order.store, head: hash, length, moved, ...ways }
}

function copyOf(order: LogOrder, options: WorkOptions): OrderedCopy {
    const { store, chain, files, isWhole } = order
    const lines = orderedLines(order, options)
    return {
        logFiles: files
            .filter(({ rows }) => rows.length > 0)
            .map((each) => ({
                path: `composition/${each.file.path}`,
                content: () => standing(each) ?? lines.contentOf(each),
                file: each.file,
            })),
        others: [...chain.reduced.keys()].flatMap((hash) => {
            const file = store.reductionFiles.get(hash)
            return file === undefined ? [] : file.with({ path: `reduction/${file.path}` })
        }),
        hasOutside: !isWhole,
        outside: () => linesOutsideChain(order, options),
        [Symbol.asyncDispose]: () => lines[Symbol.asyncDispose](),
    }
}

/**
 * A small file that is as it should be, read as it is: of thousands, each is read once more and no more. That
 * it is what was checked is looked at when all are written.
 */
function standing({ file, isTight }: FileOrder): Buffer | undefined {
    if (!isTight || file.sizeBytes > chunkSizeBytes) return undefined
    const bytes = readWholeFile(file, chunkSizeBytes)
    return bytes.at(-1) === 0x0a ? bytes : undefined
}
