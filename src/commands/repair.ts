import * as Flags from '@oclif/core/flags'

import { type Answer, ComplogCommand } from '../cli/base-command.js'
import type { Consent } from '../cli/confirm.js'
import { exitCodeHelp, writingWithoutApp } from '../cli/exit-codes.js'
import { limitFlags, limitsFrom, refFlag, storeArgument } from '../cli/flags/flags.js'
import { repairResult } from '../cli/json/from-core.js'
import { renderRepaired, renderRepairPlan } from '../cli/render/repair.js'
import { stateIn } from '../cli/state-file.js'
import { countOf } from '../cli/text/units.js'
import { rootOf } from '../core/rewrite/outside-store.js'
import { planRepair } from '../core/rewrite/repair/plan-repair.js'
import { type Repaired, repair } from '../core/rewrite/repair/repair.js'
import { isNothingToRepair, type RepairPlan } from '../core/rewrite/repair/repair-plan.js'
import { lockStore, refuseWhileLocked } from '../core/store/durable/store-lock.js'
import { openAnyStore, rootOfStore } from '../core/store/process-store.js'

export default class Repair extends ComplogCommand<'repair'> {
    static override readonly id = 'repair'
    static readonly summary = 'Cut a torn tail, split joined lines, and on request move damaged lines out.'
    static readonly description =
        `A crash in the middle of an append leaves the beginning of a record, or zeros, at the end of the log. That is cut off. Records that share a line, as a host leaves them that appends behind a missing line end, get one each, and marks and zeros around a record go, where the chain shows that the records are whole. With --quarantine, lines that are no part of the chain go as well (damaged ones, records without connection, copies), as long as one chain remains that reaches back to genesis or to a reduction; where several could remain, --head chooses: what is no part of the chain up to that record goes, newer records of the chain as well. Name it by its hash or its number; head~3 would be another record if the same command is run again. Everything else is refused, with the command that helps.

Of a store of elm-fullstack, elm-time or Pine, from 2020-05 on, it cuts torn bytes, splits lines, and takes out empty lines and CR where hashes show that this is right. With --quarantine, lines that are no record go as well, copies of lines and files, reductions that are none, and files of values beside which the right one lies.

A host of April 2020 (with elm-app-process-store/) hashes the record of a migration, names it as parent, and never writes it. With --migrated-state, the record is made again of the state, and put back where its hash is the one that is named.

Whatever leaves the log is kept byte for byte in the folder quarantine, beside the log. It shows what would go and asks; where nobody can answer, it needs --yes. Stop the host that writes to the store first.

${exitCodeHelp(writingWithoutApp)}`
    static readonly examples = [
        '<%= config.bin %> <%= command.id %> process-store --dry-run',
        '<%= config.bin %> <%= command.id %> process-store --quarantine --yes',
    ]
    static readonly args = storeArgument
    static readonly flags = {
        quarantine: Flags.boolean({ description: 'move lines that are no part of the chain out, too' }),
        head: refFlag({
            description: 'with --quarantine: the record that counts as the head, where there is a choice',
        }),
        'migrated-state': Flags.string({
            multiple: true,
            helpValue: 'FILE',
            description: 'state that a migration of April 2020 made: put its record back',
        }),
        'dry-run': Flags.boolean({ default: false, description: 'show what would go, but touch nothing' }),
        yes: Flags.boolean({ char: 'y', description: 'do not ask' }),
        ...limitFlags,
    }

    protected override async answer(): Promise<Answer<'repair'>> {
        const { args, flags } = await this.parse(Repair)
        const dryRun = flags['dry-run']
        const begin = performance.now()
        const migratedStates = await Promise.all((flags['migrated-state'] ?? []).map(stateIn))
        const options = { ...this.work, quarantine: flags.quarantine, head: flags.head, migratedStates }
        const store = await openAnyStore(args.store, limitsFrom(flags))
        const root = rootOfStore(store)
        if (!dryRun && root !== undefined) await refuseWhileLocked(root)
        const plan = await planRepair(store, options)
        const isNothing = isNothingToRepair(plan)
        const done = dryRun || isNothing ? undefined : await this.#carryOut(plan, flags.yes)
        this.noteFindings(plan.remaining)
        const result = repairResult(plan, done, { dryRun, milliseconds: performance.now() - begin })
        return {
            yes: true,
            result,
            text: (style) => {
                if (isNothing) return 'Nothing to repair.\n'
                // Whoever was asked has seen the plan.
                const shown = flags.yes || dryRun ? `${renderRepairPlan(plan, style)}\n` : ''
                return shown + renderRepaired(result, style)
            },
        }
    }

    async #carryOut(plan: RepairPlan, isConfirmed: boolean): Promise<Repaired> {
        const root = rootOf(plan.store, 'repair')
        const consent = consentTo(plan)
        if (!isConfirmed) await this.refuseUnasked(consent)
        this.holdSignals()
        using lock = await lockStore(root, 'repair')
        if (!isConfirmed) await this.confirm(consent)
        return await repair(plan, { ...this.work, lock })
    }
}

function consentTo(plan: RepairPlan): Consent {
    return {
        plan: (style) => renderRepairPlan(plan, style),
        question: questionOf(plan),
        undone: 'moved',
    }
}

function questionOf({ parts, putBack, headFile }: RepairPlan): string {
    const lines = parts.reduce((sum, part) => sum + part.lines.length, 0)
    if (lines > 0) return `Move ${countOf(lines, 'line')} out of the log?`
    if (putBack !== undefined) return 'Put this back?'
    return headFile === undefined ? 'Split these lines?' : 'Write the head file?'
}
