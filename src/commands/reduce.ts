import * as Flags from '@oclif/core/flags'

import { type Answer, ComplogCommand } from '../cli/base-command.js'
import { exitCodeHelp, writingWithApp } from '../cli/exit-codes.js'
import { appFlags, limitsFrom, refFlag, refHelp, storeArgument } from '../cli/flags/flags.js'
import { renderReduce } from '../cli/render/reduce.js'
import { type Reduced, reduce } from '../core/rewrite/reduce.js'
import { openProcessStore, type ProcessStore } from '../core/store/process-store.js'
import { readUncut } from '../core/store/read-uncut.js'

export default class Reduce extends ComplogCommand<'reduce'> {
    static override readonly id = 'reduce'
    static readonly summary = 'Store the state after a record, so that the next restore is short.'
    static readonly description =
        `Replays up to the record and writes its reduction. One that is there and equal is left as it is. Where one is there and differs, nothing at all is written, unless --replace is given. It also writes those anew that are equal in the form of an older host.

${refHelp}

${exitCodeHelp(writingWithApp)}`
    static readonly usage = '<%= command.id %> STORE --app APP [--at REF | --every N] [--replace] [--dry-run]'
    static readonly examples = [
        '<%= config.bin %> <%= command.id %> process-store --app app',
        '<%= config.bin %> <%= command.id %> process-store --app app --every 1000 --dry-run',
    ]
    static readonly args = storeArgument
    static readonly flags = {
        at: refFlag({ description: 'the record to reduce [default: head]', exclusive: ['every'] }),
        every: Flags.integer({ helpValue: 'N', min: 1, description: 'reduce every Nth record of the chain' }),
        replace: Flags.boolean({
            description: 'overwrite reductions that differ from what replay gives, or have an older form',
        }),
        'from-genesis': Flags.boolean({
            description: 'start from the first record, not from an older reduction',
        }),
        'dry-run': Flags.boolean({ default: false, description: 'replay and compare, but write nothing' }),
        ...appFlags,
    }

    protected override async answer(): Promise<Answer<'reduce'>> {
        const { args, flags } = await this.parse(Reduce)
        const opened = await openProcessStore(args.store, limitsFrom(flags))
        const app = await this.loadApp(flags)
        const dryRun = flags['dry-run']
        if (!dryRun) this.holdSignals()
        const work = (store: ProcessStore) =>
            reduce(store, app, {
                ...this.work,
                at: flags.at,
                every: flags.every,
                replace: flags.replace,
                fromGenesis: flags['from-genesis'],
                dryRun,
            })
        const isSuspect = (reduced: Reduced) => !reduced.ok
        const reduced = await readUncut(opened, work, { isSuspect })
        const { reductions, ok, records, events, findings } = reduced
        this.noteFindings(findings)
        const result = { dryRun, records, events, reductions }
        return { yes: ok, result, text: (style) => renderReduce(result, style) }
    }
}
