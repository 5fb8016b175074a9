import * as Flags from '@oclif/core/flags'

import { type Answer, ComplogCommand } from '../cli/base-command.js'
import { confirmOnTerminal, notConfirmed } from '../cli/confirm.js'
import { exitCodeHelp, writingWithApp } from '../cli/exit-codes.js'
import { appFlags, limitsFrom, refFlag, refHelp, storeArgument } from '../cli/flags/flags.js'
import { truncateResult } from '../cli/json/from-core.js'
import { renderPlan, renderTruncated, type ShownTruncation, shownTruncation } from '../cli/render/truncate.js'
import type { Style } from '../cli/text/terminal.js'
import { countOf } from '../cli/text/units.js'
import type { Ref } from '../core/composition/ref.js'
import { ComplogError } from '../core/errors.js'
import { rootOf } from '../core/rewrite/outside-store.js'
import { checkArchive } from '../core/rewrite/truncate/archive.js'
import { planTruncate } from '../core/rewrite/truncate/plan-truncate.js'
import { proveChainAfter, proveTruncate } from '../core/rewrite/truncate/prove-truncate.js'
import { endTruncation, truncate } from '../core/rewrite/truncate/truncate.js'
import { openProcessStore } from '../core/store/process-store.js'
import { type LaterStore, laterStoreAt } from '../core/store/recognise.js'
import { lockStore, refuseWhileLocked } from '../core/store/store-lock.js'
import { assertUnchanged } from '../core/store/unchanged.js'

interface LaterFlags {
    readonly unproven?: boolean | undefined
    readonly before?: Ref | undefined
    readonly archive?: string | undefined
    readonly 'dry-run': boolean
    readonly yes?: boolean | undefined
}

export default class Truncate extends ComplogCommand<'truncate'> {
    static override readonly id = 'truncate'
    static readonly summary =
        'Drop the records before a reduced one, once replay proves that nothing is lost.'
    static readonly description = `Drops all records before a reduced record, and the reductions that belong to them. First it replays from something older and compares with the reduction, then restores the cut store and compares with the whole one. It shows what would go and asks; where nobody can answer, it needs --yes. Never removes anything from a store with error findings.

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
        const later = laterStoreAt(args.store)
        if (later !== undefined) return this.#ofLater(later, flags)
        if (flags.app === undefined && !flags.unproven) {
            throw new ComplogError('usage', 'Without an app nothing can be proven by replay.', {
                hint: 'Name the app that wrote the log with --app, or go without proof with --unproven.',
            })
        }
        const dryRun = flags['dry-run']
        const begin = performance.now()
        const store = await openProcessStore(args.store, limitsFrom(flags))
        const { root } = store.layout
        if (!dryRun && root !== undefined) await refuseWhileLocked(root)
        const plan = await planTruncate(store, flags.before, this.work)
        if (flags.archive !== undefined) await checkArchive(plan, flags.archive, this.work)
        await proveChainAfter(plan, this.work)
        const checked = performance.now()
        const isNothing = plan.records.removed === 0 && plan.removedReductions.length === 0
        if (isNothing && !dryRun && root !== undefined) await endTruncation(root)
        const writes = !dryRun && !isNothing
        const asks = writes && !flags.yes
        // Where nobody can answer, nobody should wait for the proof.
        if (asks && !this.canAsk) {
            await this.#show(shownTruncation(plan), flags.archive)
            throw notConfirmed('removed')
        }
        if (writes) this.holdSignals()
        // Nor should anybody for a store that another writer changes.
        const lock = writes ? await lockStore(rootOf(store, 'truncate'), 'truncate') : undefined
        try {
            if (lock !== undefined) await assertUnchanged(store)
            const app = flags.app === undefined || isNothing ? undefined : await this.loadApp(flags)
            if (app !== undefined) await proveTruncate(plan, app, this.work)
            const proven = performance.now()
            if (asks) await this.#confirm(shownTruncation(plan), flags.archive)
            const work = { ...this.work, archive: flags.archive, provenWith: app }
            const done = lock && (await truncate(plan, { ...work, lock }))
            this.noteFindings(plan.checked.findings.list)
            const { archive } = flags
            const result = truncateResult(plan, {
                dryRun,
                proven: app !== undefined,
                archive:
                    done && archive !== undefined ? { path: archive, sizeBytes: done.archivedBytes } : null,
                milliseconds: {
                    check: checked - begin,
                    prove: proven - checked,
                    archive: done?.milliseconds.archive ?? 0,
                    cut: done?.milliseconds.cut ?? 0,
                },
            })
            // Whoever was asked has seen the plan.
            const isPlanShown = flags.yes || dryRun
            return {
                yes: true,
                result,
                text: (style) =>
                    isNothing
                        ? 'Nothing to remove: the log begins with the reduced record already.\n'
                        : (isPlanShown ? `${renderPlan(shownTruncation(plan), archive, style)}\n` : '') +
                          renderTruncated(result, style),
            }
        } finally {
            lock?.release()
        }
    }

    /** complog replays nothing there: hosts of that time believe the reduction as well. */
    async #ofLater(store: LaterStore, flags: LaterFlags): Promise<Answer<'truncate'>> {
        if (!flags.unproven) {
            throw new ComplogError('usage', 'In a store of this generation nothing is proven by replay.', {
                hint: 'Go without proof, and without --app: --unproven.',
            })
        }
        const { planTruncateLater } = await import('../core/rewrite/truncate/plan-truncate-later.js')
        const { checkArchiveOfLater, truncateLater } =
            await import('../core/rewrite/truncate/truncate-later.js')
        const { archive } = flags
        const dryRun = flags['dry-run']
        const begin = performance.now()
        if (!dryRun) await refuseWhileLocked(store.root)
        const plan = await planTruncateLater(store, flags.before, this.work)
        const isNothing = plan.records.removed === 0
        if (archive !== undefined && !isNothing) await checkArchiveOfLater(plan, archive, this.work)
        const checked = performance.now()
        const shown: ShownTruncation = {
            ...plan,
            reductionFiles: plan.read.reductions.files,
            removedValues: plan.removedValues.length,
        }
        const writes = !dryRun && !isNothing
        if (writes && !flags.yes && !this.canAsk) {
            await this.#show(shown, archive)
            throw notConfirmed('removed')
        }
        if (writes) this.holdSignals()
        const lock = writes ? await lockStore(store.root, 'truncate') : undefined
        try {
            if (writes && !flags.yes) await this.#confirm(shown, archive)
            const done = lock && (await truncateLater(plan, { ...this.work, archive, lock }))
            const { milliseconds: { archive: copying, cut } = { archive: 0, cut: 0 } } = done ?? {}
            const result = {
                dryRun,
                proven: false,
                oldest: plan.oldest,
                records: plan.records,
                sizeBytes: plan.bytes,
                files: { removed: plan.removedFiles.length, cut: 0, kept: plan.keptFiles.length },
                reductionsRemoved: plan.removedReductions.length,
                valuesRemoved: plan.removedValues.length,
                archive:
                    done && archive !== undefined ? { path: archive, sizeBytes: done.archivedBytes } : null,
                milliseconds: { check: checked - begin, prove: 0, archive: copying, cut },
            }
            const plans = (style: Style) =>
                flags.yes || dryRun ? `${renderPlan(shown, archive, style)}\n` : ''
            return {
                yes: true,
                result,
                text: (style) =>
                    isNothing
                        ? 'Nothing to remove: the log begins with the file of the reduced record already.\n'
                        : plans(style) + renderTruncated(result, style),
            }
        } finally {
            lock?.release()
        }
    }

    #show(plan: ShownTruncation, archive: string | undefined): Promise<void> {
        return this.showPlan((style) => renderPlan(plan, archive, style))
    }

    async #confirm(plan: ShownTruncation, archive: string | undefined): Promise<void> {
        await this.#show(plan, archive)
        const verb = archive === undefined ? 'Remove' : 'Archive'
        const question = `${verb} ${countOf(plan.records.removed, 'record')}?`
        if (!(await confirmOnTerminal(question, this.work.signal))) throw notConfirmed('removed')
    }
}
