import * as Flags from '@oclif/core/flags'

import { type Answer, ComplogCommand } from '../cli/base-command.js'
import { exitCodeHelp, withApp } from '../cli/exit-codes.js'
import { appFlags, headFlag, limitsFrom, refFlag, refHelp, storeArgument } from '../cli/flags/flags.js'
import { comparisonJson } from '../cli/json/from-core.js'
import type { ResultOf } from '../cli/json/results.js'
import { OutputFile } from '../cli/output-file.js'
import { renderCompare } from '../cli/render/compare.js'
import { reportOf } from '../cli/render/compare-report.js'
import { type CompareOptions, compare } from '../core/compare/compare.js'
import { compareUpgrade } from '../core/compare/upgrade.js'
import { ComplogError } from '../core/errors.js'
import { refuseHostFolders } from '../core/rewrite/outside-store.js'
import { type ListedStore, openStoreToRead } from '../core/store/process-store.js'
import { readUncut } from '../core/store/read-uncut.js'

type Result = ResultOf<'compare'>
type Answered = Pick<Result, 'equal' | 'comparison' | 'upgrade'>

export default class Compare extends ComplogCommand<'compare'> {
    static override readonly id = 'compare'
    static readonly summary = 'Compare what two versions of an app do with the same history.'
    static readonly description =
        `Both versions, OLD and NEW, process the recorded events at the same time. Prints the first event at which NEW answers otherwise, gets into another state or fails, and counts all such differences by kind of event and by place in the JSON. Behind the first, each goes on with its own state.

With --upgrade, NEW reads the states that OLD has at the head, at each reduction and at some records between, and then processes the last events from there: what of a state does it lose?

${refHelp}

${exitCodeHelp(withApp)}`
    static readonly usage = [
        '<%= command.id %> STORE --app OLD --with NEW [--from REF] [--until REF] [--ignore POINTER] [--resync] [--exact]',
        '<%= command.id %> STORE --app OLD --with NEW --upgrade [--ignore POINTER]',
    ]
    static readonly examples = [
        '<%= config.bin %> <%= command.id %> process-store --app old --with new',
        '<%= config.bin %> <%= command.id %> process-store --app old --with new --resync --ignore /version --report report.md',
        '<%= config.bin %> <%= command.id %> process-store --app old --with new --upgrade',
    ]
    static readonly args = storeArgument
    static readonly flags = {
        with: Flags.string({
            helpValue: 'NEW',
            description: 'the other version of the app, named as --app is',
        }),
        from: refFlag({
            description: 'begin with the state after this record, of OLD [default: the oldest state]',
            exclusive: ['upgrade'],
        }),
        until: refFlag({ description: 'stop after this record [default: head]' }),
        head: headFlag,
        ignore: Flags.string({
            helpValue: 'POINTER',
            multiple: true,
            multipleNonGreedy: true,
            description:
                'leave out this part of states and responses, as a JSON pointer; * stands for any name',
        }),
        resync: Flags.boolean({
            default: false,
            description: 'give NEW the state of OLD behind each difference, so that each counts by itself',
            exclusive: ['upgrade'],
        }),
        exact: Flags.boolean({
            default: false,
            description: 'compare the states after every event, however long that takes',
            exclusive: ['upgrade'],
        }),
        upgrade: Flags.boolean({
            default: false,
            description: 'see whether NEW would go on from what OLD stored, without losing anything',
        }),
        report: Flags.string({
            helpValue: 'FILE',
            description: 'write a report there as well: .md, .html, or .xml for JUnit',
        }),
        ...appFlags,
    }

    protected override async answer(): Promise<Answer<'compare'>> {
        const { args, flags } = await this.parse(Compare)
        const begin = performance.now()
        const { ignore: ignored = [], report, resync } = flags
        for (const pointer of ignored) refuseNoPointer(pointer)
        const write = report === undefined ? undefined : reportOf(report)
        const opened = await openStoreToRead(args.store, limitsFrom(flags))
        if (report !== undefined) await refuseHostFolders(opened, report, '--report')
        const before = await this.loadApp(flags)
        const after = await this.loadApp({ ...flags, app: requireNew(flags.with) })
        const options = { ...this.work, ...flags, ignored }
        const answered = await readUncut(opened, (store: ListedStore) =>
            this.#answered(store, { before, after }, options),
        )
        const milliseconds = performance.now() - begin
        const result: Result = {
            ...answered,
            resync,
            ignored,
            report: report ?? null,
            milliseconds,
        }
        if (report !== undefined && write !== undefined) {
            this.holdSignals()
            await OutputFile.writeWhole(report, write(result))
        }
        return { yes: result.equal, result, text: (style) => renderCompare(result, style) }
    }

    async #answered(
        store: ListedStore,
        apps: Parameters<typeof compare>[1],
        { upgrade, ...options }: CompareOptions & { readonly upgrade: boolean },
    ): Promise<Answered> {
        if (upgrade) {
            const { survives: equal, last, ...upgraded } = await compareUpgrade(store, apps, options)
            if (last !== null) this.noteFindings(last.findings)
            return { equal, comparison: last && comparisonJson(last), upgrade: upgraded }
        }
        const compared = await compare(store, apps, options)
        this.noteFindings(compared.findings)
        const { first, atEnd } = compared
        const equal = first === undefined && atEnd === null
        return { equal, comparison: comparisonJson(compared), upgrade: null }
    }
}

function requireNew(path: string | undefined): string {
    if (path !== undefined) return path
    throw new ComplogError('usage', 'Compare with which version? --with names the new one.', {
        hint: 'It takes what --app takes: a Kalmit folder, elm-app.zip, web-app-config.zip, or a compiled script.',
    })
}

function refuseNoPointer(pointer: string): void {
    if (/^(?:\/(?:[^~/]|~[01])*)+$/.test(pointer)) return
    throw new ComplogError('usage', `"${pointer}" is not a JSON pointer to a part.`, {
        hint: 'Write /orders/7/name, or /orders/*/name for each of them; in a name, ~1 is a slash and ~0 is a ~.',
    })
}
