import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'

import { type Answer, ComplogCommand } from '../cli/base-command.js'
import { exitCodeHelp, withApp } from '../cli/exit-codes.js'
import {
    appFlags,
    headFlag,
    limitFlags,
    limitsFrom,
    loadAppIfNamed,
    refHelp,
    requireApp,
    storeArgument,
} from '../cli/flags/flags.js'
import { differenceResult, recordLine, type RecordResult, recordResult } from '../cli/json/from-history.js'
import type { ResultOf } from '../cli/json/results.js'
import { renderHead, renderLine, renderRecord } from '../cli/render/show.js'
import type { Style } from '../cli/text/terminal.js'
import { countOf } from '../cli/text/units.js'
import { recordAt } from '../core/check/chain.js'
import { positionOf } from '../core/check/choose-chain.js'
import { parseRef, parseRefRange, type Ref, type RefRange, refText } from '../core/composition/ref.js'
import { differenceAt, partAt } from '../core/difference/difference.js'
import type { LoadedElmApp } from '../core/elm-app/elm-app.js'
import { ComplogError } from '../core/errors.js'
import { describeRecord, newestFirst } from '../core/history/history.js'
import { effectOfRecord, type KnownEffect } from '../core/restore/record-effect.js'
import { findTarget, type RestoreTarget } from '../core/restore/restore-target.js'
import { type ListedStore, openStoreToRead } from '../core/store/process-store.js'
import { readUncut } from '../core/store/read-uncut.js'

type Result = ResultOf<'show'>
type Effect = NonNullable<Result['effect']>

const listedMax = 1000

interface ShowFlags {
    readonly head?: Ref | undefined
    readonly limit?: number | undefined
    readonly lines: boolean
    readonly state: boolean
    readonly path?: string | undefined
}

export default class Show extends ComplogCommand<'show'> {
    static override readonly id = 'show'
    static readonly summary = 'Show a record, its events, and what they did to the state of the app.'
    static readonly description = `Prints one record: its hash, place and time, its events, and with --app their responses and what changed in the state. Without REF, the head. REF..REF lists the records behind the first up to the second, the newest first, one a line.

${refHelp}

${exitCodeHelp(withApp)}`
    static readonly usage = [
        '<%= command.id %> STORE [REF] [--lines]',
        '<%= command.id %> STORE [REF] --app APP [--state | --diff] [--path POINTER] [--lines]',
        '<%= command.id %> STORE REF..REF [--limit N] [--lines]',
    ]
    static readonly examples = [
        '<%= config.bin %> <%= command.id %> process-store head~2 --app app',
        '<%= config.bin %> <%= command.id %> process-store @2019-04-28T13:05 --app app --state --path /orders/7',
        '<%= config.bin %> <%= command.id %> process-store first..head --lines | jq .events',
    ]
    static readonly args = {
        ...storeArgument,
        ref: Args.string({ name: 'REF', description: 'the record, or two as REF..REF [default: head]' }),
    }
    static readonly flags = {
        state: Flags.boolean({
            description: 'print the state after the record instead, byte for byte',
            exclusive: ['diff'],
        }),
        diff: Flags.boolean({ description: 'print what changed in the state; with --app the default' }),
        path: Flags.string({
            helpValue: 'POINTER',
            description: 'only this part of the state, a JSON pointer such as /orders/7',
        }),
        limit: Flags.integer({
            helpValue: 'N',
            description: 'list at most so many records of a range [default: 1000; with --lines all]',
            min: 1,
        }),
        lines: Flags.boolean({
            description: 'print a line of JSON a record, for jq',
            exclusive: ['json'],
        }),
        head: headFlag,
        ...appFlags,
        ...limitFlags,
    }

    protected override async answer(): Promise<Answer<'show'>> {
        const { args, flags } = await this.parse(Show)
        const range = args.ref === undefined ? undefined : parseRefRange(args.ref)
        if (range !== undefined && flags.app !== undefined)
            throw new ComplogError('usage', 'A range is listed without the app.', {
                hint: 'Name one record to see what it did: --app APP with a single REF.',
            })
        if (flags.state || flags.diff || flags.path !== undefined) requireApp(flags.app)
        // What is no pointer should be told before a long replay.
        if (flags.path !== undefined) partAt('0', flags.path)
        const opened = await openStoreToRead(args.store, limitsFrom(flags))
        if (range !== undefined) return this.#list(opened, range, flags)
        const app = await loadAppIfNamed(flags, this.work, (text) => this.note(text))
        const until = args.ref === undefined ? undefined : parseRef(args.ref)
        return this.#one(opened, app, { ...flags, until })
    }

    async #one(
        opened: ListedStore,
        app: LoadedElmApp | undefined,
        flags: ShowFlags & { readonly until: Ref | undefined },
    ): Promise<Answer<'show'>> {
        const { record, effect } = await readUncut(opened, async (store) => {
            const target = await findTarget(store, { ...this.work, until: flags.until, head: flags.head })
            refuseEmpty(target)
            const known = app && (await effectOfRecord(store, app, target, this.work))
            this.noteFindings(known?.findings ?? [])
            return {
                record: known?.record ?? (await recordAt(target.chain, target.position, this.work)),
                effect: known === undefined ? null : effectResult(known, flags),
            }
        })
        const described = recordResult(describeRecord(record))
        const result: Result = { records: [described], more: 0, effect }
        const isThere = !flags.state || effect?.state !== null
        return { yes: isThere, result, ...this.#textOf(described, effect, flags) }
    }

    #textOf(
        record: RecordResult,
        effect: Effect | null,
        flags: ShowFlags,
    ): Pick<Answer<'show'>, 'text' | 'summary'> {
        if (flags.lines) return { text: recordLine(record, effect) }
        if (!flags.state) return { text: (style) => renderRecord(record, effect, style) }
        const state = effect?.state ?? null
        const nothing = `Nothing stands at ${flags.path ?? ''} in this state.\n`
        return {
            text: state === null ? '' : state + (process.stdout.isTTY ? '\n' : ''),
            summary: (style: Style) => `${renderHead(record, style)}\n${state === null ? nothing : ''}`,
        }
    }

    /** As the records come, so that the first ones are seen at once. */
    async #list(opened: ListedStore, range: RefRange, flags: ShowFlags): Promise<Answer<'show'>> {
        const records: RecordResult[] = []
        const limit = flags.limit ?? (flags.lines ? Infinity : listedMax)
        const list = async (store: ListedStore) => {
            records.length = 0
            const { chain, position: to } = await findTarget(store, {
                ...this.work,
                until: range.until,
                head: flags.head,
            })
            const from = range.after === undefined ? 0 : await positionOf(chain, to, range.after, this.work)
            for await (const record of newestFirst(chain, from + 1, to, this.work)) {
                if (records.length === limit) return record.position - from
                const described = recordResult(describeRecord(record))
                records.push(described)
                if (flags.lines) await this.printPart(recordLine(described, null))
                else if (!this.isJson) await this.printPart((style) => `${renderLine(described, style)}\n`)
            }
            return 0
        }
        const more = await readUncut(opened, list, this.isJson ? {} : { roundsMax: 1 })
        const next = records.at(-1)
        if (more > 0 && next !== undefined && !this.isJson)
            this.note(
                `The range has ${countOf(more, 'older record')} beyond these: raise --limit, or go on with ${range.after === undefined ? '' : refText(range.after)}..#${next.position - 1}.`,
            )
        return { yes: true, result: { records, more, effect: null }, text: '' }
    }
}

function effectResult(known: KnownEffect, { state, path }: ShowFlags): Effect {
    const { before, after, responses } = known
    const part = state ? (path === undefined ? after : (partAt(after, path) ?? null)) : null
    const isShown = !state && before !== undefined
    return {
        responses: responses === undefined ? null : [...responses],
        state: part,
        difference: isShown ? differenceResult(differenceAt(path ?? '', before, after)) : null,
    }
}

function refuseEmpty({ position }: RestoreTarget): void {
    if (position > 0) return
    throw new ComplogError('unknown-ref', 'The log is empty: there is no record to show.')
}
