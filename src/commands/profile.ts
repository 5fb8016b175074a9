import { access, constants } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'

import * as Flags from '@oclif/core/flags'

import { type Answer, ComplogCommand } from '../cli/base-command.js'
import { exitCodeHelp, withApp } from '../cli/exit-codes.js'
import { appFlags, fractionFlag, limitsFrom, refuseForLater, storeArgument } from '../cli/flags/flags.js'
import type { ProfiledLater } from '../cli/json/later-results.js'
import { OutputFile } from '../cli/output-file.js'
import { renderProfile, renderProfileLater, renderProfileMarkdown } from '../cli/render/profile.js'
import { attempt } from '../core/file-system-error.js'
import { type Baseline, parseBaseline } from '../core/profile/baseline.js'
import type { BaselineComparison } from '../core/profile/compare.js'
import { samplesForConfidence } from '../core/profile/interval.js'
import { profile } from '../core/profile/profile.js'
import { refuseHostFolders } from '../core/rewrite/outside-store.js'
import { openProcessStore, type ProcessStore } from '../core/store/process-store.js'
import { readUncut } from '../core/store/read-uncut.js'
import { readNamed } from '../core/store/reading/read-whole.js'
import { type LaterStore, laterStoreAt } from '../core/store/recognise.js'

const notForLater = ['app', 'runs', 'warmup', 'save', 'baseline', 'markdown', 'from-genesis', 'from-end']

export default class Profile extends ComplogCommand<'profile'> {
    static override readonly id = 'profile'
    static readonly summary = 'Measure how long a restore takes, and what takes the time.'
    static readonly description =
        `Restores several times, each in a fresh instance of the app. Against a baseline it answers slower, faster, or cannot tell, and ends with 3 only when it is slower than allowed with confidence; in doubt it measures up to five times as often.

Every restore is timed beside a fixed piece of work, and times are compared as multiples of that, so that a faster or slower machine makes no difference.

Of a store of elm-fullstack, elm-time or Pine, from 2020-05 on, it takes no app, and counts what its host reads at a start.

${exitCodeHelp(withApp)}`
    static readonly usage = [
        '<%= command.id %> STORE --app APP [--runs N] [--save FILE] [--baseline FILE [--max-slowdown PERCENT]]',
        '<%= command.id %> STORE',
    ]
    static readonly examples = [
        '<%= config.bin %> <%= command.id %> process-store --app app --save baseline.json',
        '<%= config.bin %> <%= command.id %> process-store --app app --baseline baseline.json --markdown',
    ]
    static readonly args = storeArgument
    static readonly flags = {
        runs: Flags.integer({ helpValue: 'N', min: 1, description: 'measured restores [default: 10]' }),
        warmup: Flags.integer({
            helpValue: 'N',
            min: 0,
            description: 'restores before the measured ones [default: 1]',
        }),
        'from-genesis': Flags.boolean({ description: 'start from the first record, not from a reduction' }),
        'from-end': Flags.boolean({
            description: 'read backwards from the last line only as far as the nearest reduction',
            exclusive: ['from-genesis'],
        }),
        save: Flags.string({ helpValue: 'FILE', description: 'write the measurements there, as a baseline' }),
        baseline: Flags.string({ helpValue: 'FILE', description: 'compare with these measurements' }),
        'max-slowdown': fractionFlag({
            description: 'how much slower than the baseline is allowed [default: 10%]',
            dependsOn: ['baseline'],
        }),
        markdown: Flags.boolean({
            description: 'print Markdown, for the summary of a CI run',
            exclusive: ['json'],
        }),
        ...appFlags,
    }

    /** Of a store since 2020-05 it takes no app: what a start of its host reads can be counted. */
    async #ofLater(store: LaterStore, flags: object): Promise<Answer<'profile'>> {
        refuseForLater(store, flags, notForLater)
        const { lostLog, readLater } = await import('../core/later/reading/read-later.js')
        const { restoreReads } = await import('../core/later/restore-reads.js')
        const read = await readLater(store, this.work)
        this.noteFindings([...read.log.findings.list, ...lostLog(read)])
        const { start = null, ...reads } = restoreReads(read)
        const generation = store.generation.id as ProfiledLater['generation']
        const result = { generation, start, ...reads }
        return { yes: true, result, text: (style) => renderProfileLater(result, style) }
    }

    protected override async answer(): Promise<Answer<'profile'>> {
        const { args, flags } = await this.parse(Profile)
        const later = laterStoreAt(args.store)
        if (later !== undefined) return this.#ofLater(later, flags)
        const { save } = flags
        const opened = await openProcessStore(args.store, limitsFrom(flags))
        if (save !== undefined) {
            await refuseHostFolders(opened, save, '--save')
            // Said at once, not after all the measuring.
            await attempt('write', save, () => access(dirname(resolve(save)), constants.W_OK))
        }
        const baseline = flags.baseline === undefined ? undefined : await readBaseline(flags.baseline)
        const app = await this.loadApp(flags)
        const maxSlowdown = flags['max-slowdown'] ?? 0.1
        const isForGate = save !== undefined || baseline !== undefined
        const asked = flags.runs ?? 10
        const runs = Math.max(asked, isForGate ? samplesForConfidence : 1)
        if (runs > asked)
            this.note(
                `Measured ${runs} times at least: nothing could be told from fewer than ${samplesForConfidence}.`,
            )
        const work = (store: ProcessStore) =>
            profile(store, app, {
                ...this.work,
                mode: flags['from-genesis'] ? 'from-genesis' : flags['from-end'] ? 'from-end' : 'default',
                runs,
                warmup: flags.warmup ?? 1,
                baseline,
                maxSlowdown,
            })
        const profiled = await readUncut(opened, work)
        const { phases: milliseconds, comparison, asBaseline, warnings, ...measured } = profiled
        const hasRegressed = comparison?.regressed === true
        const saved = hasRegressed ? undefined : save
        if (saved !== undefined) {
            this.holdSignals()
            await OutputFile.writeWhole(saved, `${JSON.stringify(asBaseline, null, 2)}\n`)
        } else if (save !== undefined)
            this.note(
                `Not saved: ${save} is as it was. To take the slower figures over, save without --baseline.`,
            )
        for (const warning of warnings) this.note(warning)
        const result = {
            ...measured,
            milliseconds,
            comparison: comparison && comparisonResult(comparison, maxSlowdown),
            saved: saved ?? null,
        }
        return {
            yes: !hasRegressed,
            result,
            text: (style) => (flags.markdown ? renderProfileMarkdown(result) : renderProfile(result, style)),
        }
    }
}

function comparisonResult({ answer, regressed, ratio }: BaselineComparison, maxSlowdown: number) {
    return { answer, regressed, ratio, maxSlowdown }
}

async function readBaseline(path: string): Promise<Baseline> {
    return parseBaseline((await readNamed(path)).toString('utf8'), path)
}
