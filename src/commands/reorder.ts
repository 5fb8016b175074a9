import * as Flags from '@oclif/core/flags'

import { type Answer, ComplogCommand } from '../cli/base-command.js'
import { exitCodeHelp, writingWithoutApp } from '../cli/exit-codes.js'
import { headFlag, limitFlags, limitsFrom, storeArgument } from '../cli/flags/flags.js'
import { renderReorder } from '../cli/render/reorder.js'
import { ComplogError } from '../core/errors.js'
import { planReorder } from '../core/rewrite/reorder/plan-reorder.js'
import { reorderInPlace, reorderTo } from '../core/rewrite/reorder/reorder.js'
import { refuseWhileLocked } from '../core/store/durable/store-lock.js'
import { openAnyStore, rootOfStore } from '../core/store/process-store.js'

export default class Reorder extends ComplogCommand<'reorder'> {
    static override readonly id = 'reorder'
    static readonly summary = 'Write the lines of a log in the order of its chain.'
    static readonly description =
        `Every record stays byte for byte as it is, in the same files, each with as many records as before. What does not belong to the chain (copies, records of another branch, lines that cannot be read) is kept in a file in the folder outside-chain, beside the log.

Of a store of elm-fullstack, elm-time or Pine, from 2020-05 on, it writes a copy alone. Since 2021-07 files and lines are the order of such a log: complog goes by the parents there only where they show one single order, and is refused elsewhere.

For --in-place, stop the host that writes to the store first.

A log that is not one chain needs --head, the newest record of the chain to keep. Where something can be restored from the log, a chain that has neither its beginning nor a reduction is refused. In place, head~3 is refused as well: run twice, it would be another record.

${exitCodeHelp(writingWithoutApp)}`
    static readonly examples = [
        '<%= config.bin %> <%= command.id %> process-store --output ordered',
        '<%= config.bin %> <%= command.id %> process-store --in-place',
    ]
    static readonly args = storeArgument
    static readonly flags = {
        output: Flags.string({
            helpValue: 'DIR',
            description: 'write a process store into this new or empty folder',
            exclusive: ['in-place'],
        }),
        'in-place': Flags.boolean({ description: 'write the log over itself' }),
        head: headFlag,
        ...limitFlags,
    }

    protected override async answer(): Promise<Answer<'reorder'>> {
        const { args, flags } = await this.parse(Reorder)
        const { output } = flags
        if (output === undefined && !flags['in-place']) {
            throw new ComplogError('usage', 'Say where to write: --output DIR or --in-place.')
        }
        const inPlace = output === undefined
        const store = await openAnyStore(args.store, limitsFrom(flags))
        const root = rootOfStore(store)
        if (inPlace && root !== undefined) await refuseWhileLocked(root)
        const plan = await planReorder(store, flags.head, { ...this.work, inPlace })
        this.holdSignals()
        const done = await (inPlace ? reorderInPlace(plan, this.work) : reorderTo(plan, output, this.work))
        const { outside, moved, filesWritten, filesRemoved } = done
        const { head, length: records } = plan
        const written = { output: output ?? args.store, head, records, moved }
        const result = { ...written, filesWritten, filesRemoved, outside }
        return { yes: true, result, text: (style) => renderReorder(result, style) }
    }
}
