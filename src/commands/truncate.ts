import * as Flags from '@oclif/core/flags'

import { type Answer, ComplogCommand } from '../cli/base-command.js'
import type { Consent } from '../cli/confirm.js'
import { exitCodeHelp, writingWithApp } from '../cli/exit-codes.js'
import { appFlags, limitsFrom, refFlag, refHelp, storeArgument } from '../cli/flags/flags.js'
import { truncateResult } from '../cli/json/from-core.js'
import { renderPlan, renderTruncated } from '../cli/render/truncate.js'
import type { Style } from '../cli/text/terminal.js'
import { countOf } from '../cli/text/units.js'
import { ComplogError } from '../core/errors.js'
import { rootOf } from '../core/rewrite/outside-store.js'
import { checkArchive } from '../core/rewrite/truncate/archive.js'
import { planTruncate } from '../core/rewrite/truncate/plan-truncate.js'
import { proveChainAfter, proveTruncate } from '../core/rewrite/truncate/prove-truncate.js'
import { endTruncation, truncate } from '../core/rewrite/truncate/truncate.js'
import { isNothingToRemove, isProvable, type TruncatePlan } from '../core/rewrite/truncate/truncate-plan.js'
import { assertSameFiles } from '../core/store/changes/unchanged.js'
import { lockStore, refuseWhileLocked } from '../core/store/durable/store-lock.js'
import { type AnyStore, isLater, openAnyStore, rootOfStore } from '../core/store/process-store.js'

export default class Truncate extends ComplogCommand<'truncate'> {
    static override readonly id = 'truncate'
    static readonly summary =
        'Drop the records before a reduced one, once replay proves that nothing is lost.'
    static readonly description =
        `Drops all records before a reduced record, and the reductions that belong to them. First it replays from something older and compares with the reduction, then restores the cut store and compares with the whole one. It shows what would go and asks; where nobody can answer, it needs --yes. Never removes anything from a store with error findings.

Of a store of elm-fullstack, elm-time or Pine, from 2020-05 on, it removes whole log files before that of the reduced record, as the hosts do, and of the values only those that nothing names any more; files that complog does not know stay. Nothing is proven by replay there: it takes --unproven.

Stop the host that writes to the store first. A store that changes meanwhile is noticed, but a host would go on with files that are no longer what it knows.

${refHelp} In a log that was truncated before, numbers count from its new beginning, so they are refused here: the same command run twice would cut further. A run that was killed is finished by the same command, or is refused with the hash to finish it with.

${exitCodeHelp(writingWithApp)}`
    static readonly examples = [
        '<%= config.bin %> <%= command.id %> process-store --app app --dry-run',
        '<%= config.bin %> <%= command.id %> process-store --app app --archive history --yes',
    ]
    static readonly args = storeArgument
    static readonly flags = {
        before: refFlag({
            description: 'the reduced record that will be the oldest [default: the newest reduced one]',
        }),
        archive: Flags.string({
            helpValue: 'DIR',
            description: 'keep what is removed in this process store',
        }),
        unproven: Flags.boolean({ description: 'do not prove by replay; needs no app', exclusive: ['app'] }),
        'dry-run': Flags.boolean({ default: false, description: 'check and prove, but remove nothing' }),
        yes: Flags.boolean({ char: 'y', description: 'do not ask' }),
        ...appFlags,
    }

    protected override async answer(): Promise<Answer<'truncate'>> {
        const { args, flags } = await this.parse(Truncate)
        const begin = performance.now()
        const store = await openAnyStore(args.store, limitsFrom(flags))
        if (!flags.unproven) refuseUnproven(store, flags.app)
        const dryRun = flags['dry-run']
        const root = rootOfStore(store)
        if (!dryRun && root !== undefined) await refuseWhileLocked(root)
        const plan = await planTruncate(store, flags.before, this.work)
        if (flags.archive !== undefined) await checkArchive(plan, flags.archive, this.work)
        if (isProvable(plan)) await proveChainAfter(plan, this.work)
        const checked = performance.now()
        const isNothing = isNothingToRemove(plan)
        if (isNothing && !dryRun && root !== undefined) await endTruncation(root)
        const writes = !dryRun && !isNothing
        const asks = writes && !flags.yes
        const consent = consentTo(plan, flags.archive)
        if (asks) await this.refuseUnasked(consent)
        if (writes) this.holdSignals()
        // Nor should anybody for a store that another writer changes.
        using lock = writes ? await lockStore(rootOf(plan.store, 'truncate'), 'truncate') : undefined
        if (lock !== undefined) await assertSameFiles(plan.store.planned)
        const app = isNothing || !isProvable(plan) ? undefined : await this.loadAppIfNamed(flags)
        if (app !== undefined && isProvable(plan)) await proveTruncate(plan, app, this.work)
        const proven = performance.now()
        const { archive } = flags
        if (asks) await this.confirm(consent)
        const work = { ...this.work, archive, provenWith: app }
        const done = lock && (await truncate(plan, { ...work, lock }))
        if (isProvable(plan)) this.noteFindings(plan.checked.findings.list)
        const result = truncateResult(plan, {
            dryRun,
            proven: app !== undefined,
            archive: done && archive !== undefined ? { path: archive, sizeBytes: done.archivedBytes } : null,
            milliseconds: {
                check: checked - begin,
                prove: proven - checked,
                archive: done?.milliseconds.archive ?? 0,
                cut: done?.milliseconds.cut ?? 0,
            },
        })
        // Whoever was asked has seen the plan.
        const isPlanShown = flags.yes || dryRun
        const shown = (style: Style) =>
            (isPlanShown ? `${renderPlan(plan, archive, style)}\n` : '') + renderTruncated(result, style)
        return { yes: true, result, text: isNothing ? nothingToRemove(plan) : shown }
    }
}

function consentTo(plan: TruncatePlan, archive: string | undefined): Consent {
    const verb = archive === undefined ? 'Remove' : 'Archive'
    return {
        plan: (style) => renderPlan(plan, archive, style),
        question: `${verb} ${countOf(plan.records.removed, 'record')}?`,
        undone: 'removed',
    }
}

function refuseUnproven(store: AnyStore, app: string | undefined): void {
    if (isLater(store)) {
        throw new ComplogError('usage', 'In a store of this generation nothing is proven by replay.', {
            hint: 'Go without proof, and without --app: --unproven.',
        })
    }
    if (app !== undefined) return
    throw new ComplogError('usage', 'Without an app nothing can be proven by replay.', {
        hint: 'Name the app that wrote the log with --app, or go without proof with --unproven.',
    })
}

function nothingToRemove(plan: TruncatePlan): string {
    const first = isProvable(plan) ? 'the reduced record' : 'the file of the reduced record'
    return `Nothing to remove: the log begins with ${first} already.\n`
}
