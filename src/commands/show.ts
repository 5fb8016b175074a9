import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import type { InferredFlags } from '@oclif/core/interfaces'

import { type Answer, ComplogCommand } from '../cli/base-command.js'
import { exitCodeHelp, withApp } from '../cli/exit-codes.js'
import { appFlags, headFlag, limitsFrom, refHelp, requireApp, storeArgument } from '../cli/flags/flags.js'
import { differenceResult, recordLine, type RecordResult, recordResult } from '../cli/json/from-history.js'
import { renderHead, renderLine, renderRecord } from '../cli/render/show.js'
import type { Style } from '../cli/text/terminal.js'
import { countOf } from '../cli/text/units.js'
import { type CompositionRecord, recordAt } from '../core/check/chain.js'
import { positionOf } from '../core/check/choose-chain.js'
import { parseRef, parseRefRange, type Ref, type RefRange, refText } from '../core/composition/ref.js'
import { differenceAt, partAt } from '../core/difference/difference.js'
import type { LoadedElmApp } from '../core/elm-app/elm-app.js'
import { ComplogError } from '../core/errors.js'
import { describeRecord, effectsNewestFirst, newestFirst } from '../core/history/history.js'
import { effectIn, type KnownEffect, statesAround } from '../core/restore/record-effect.js'
import { findTarget } from '../core/restore/restore-target.js'
import { type ListedStore, openStoreToRead } from '../core/store/process-store.js'
import { readUncut } from '../core/store/read-uncut.js'

const listedMax = 1000

type ShowFlags = InferredFlags<typeof Show.flags>
type ShownRange = Pick<Parameters<typeof statesAround>[2], 'chain' | 'from' | 'to'>

export default class Show extends ComplogCommand<'show'> {
    static override readonly id = 'show'
    static readonly summary = 'Show a record, its events, and what they did to the state of the app.'
    static readonly description = `Prints one record: its hash, place and time, its events, and with --app their responses and what changed in the state. Without REF, the head. REF..REF lists the records behind the first up to the second, the newest first, one a line, with --app and what each changed.

${refHelp}

${exitCodeHelp(withApp)}`
    static readonly usage = [
        '<%= command.id %> STORE [REF] [--lines]',
        '<%= command.id %> STORE [REF] --app APP [--state | --diff] [--path POINTER] [--lines]',
        '<%= command.id %> STORE REF..REF [--app APP] [--path POINTER] [--limit N] [--lines]',
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
    }

    protected override async answer(): Promise<Answer<'show'>> {
        const { args, flags } = await this.parse(Show)
        const range = args.ref === undefined ? undefined : parseRefRange(args.ref)
        if (range !== undefined && flags.state && !flags.lines && !this.isJson)
            throw new ComplogError('usage', 'The states of a range are printed as lines of JSON alone.', {
                hint: 'Add --lines, or name a single record.',
            })
        if (flags.state || flags.diff || flags.path !== undefined) requireApp(flags.app)
        // What is no pointer should be told before a long replay.
        if (flags.path !== undefined) partAt('0', flags.path)
        const opened = await openStoreToRead(args.store, limitsFrom(flags))
        const app = await this.loadAppIfNamed(flags)
        if (range !== undefined) return this.#list(opened, app, { ...flags, range })
        const until = args.ref === undefined ? undefined : parseRef(args.ref)
        return this.#one(opened, app, { ...flags, until })
    }

    async #one(
        opened: ListedStore,
        app: LoadedElmApp | undefined,
        flags: ShowFlags & { readonly until: Ref | undefined },
    ): Promise<Answer<'show'>> {
        const record = await readUncut(opened, async (store) => {
            const wanted = { ...this.work, until: flags.until, head: flags.head }
            const { chain, position } = await findTarget(store, wanted)
            if (position === 0)
                throw new ComplogError('unknown-ref', 'The log is empty: there is no record to show.')
            if (app === undefined) return shown(await recordAt(chain, position, this.work), undefined, flags)
            const only = { ...this.work, chain, from: position, to: position }
            const states = await statesAround(store, app, only)
            try {
                this.noteFindings(states.findings)
                const effect = await effectIn(states, position)
                return shown(await states.record(position), effect, flags)
            } finally {
                await states.close()
            }
        })
        const isThere = !flags.state || (record.effect?.state ?? null) !== null
        return { yes: isThere, result: { records: [record], more: 0 }, ...this.#textOf(record, flags) }
    }

    #textOf(record: RecordResult, flags: ShowFlags): Pick<Answer<'show'>, 'text' | 'summary'> {
        if (flags.lines) return { text: recordLine(record) }
        if (!flags.state) return { text: (style) => renderRecord(record, style) }
        const state = record.effect?.state ?? null
        const nothing = `Nothing stands at ${flags.path ?? ''} in this state.\n`
        return {
            text: state === null ? '' : state + (process.stdout.isTTY ? '\n' : ''),
            summary: (style: Style) => `${renderHead(record, style)}\n${state === null ? nothing : ''}`,
        }
    }

    /** As the records come, so that the first ones are seen at once. */
    async #list(
        opened: ListedStore,
        app: LoadedElmApp | undefined,
        flags: ShowFlags & { readonly range: RefRange },
    ): Promise<Answer<'show'>> {
        const records: RecordResult[] = []
        const { range, lines, limit = lines ? Infinity : listedMax } = flags
        const list = async (store: ListedStore) => {
            records.length = 0
            const until = { until: range.until, head: flags.head }
            const { chain, position: to } = await findTarget(store, { ...this.work, ...until })
            const chosen = { chain, head: to }
            const after = range.after === undefined ? 0 : await positionOf(chosen, range.after, this.work)
            const from = Math.max(after, to - limit) + 1
            for await (const record of this.#shownBetween(store, app, { ...flags, chain, from, to })) {
                records.push(record)
                if (lines) await this.printPart(recordLine(record))
                else if (!this.isJson) await this.printPart((style) => `${renderLine(record, style)}\n`)
            }
            return from - 1 - after
        }
        const more = await readUncut(opened, list, this.isJson ? {} : { roundsMax: 1 })
        const next = records.at(-1)
        if (more > 0 && next !== undefined && !this.isJson)
            this.note(
                `The range has ${countOf(more, 'older record')} beyond these: raise --limit, or go on with ${range.after === undefined ? '' : refText(range.after)}..#${next.position - 1}.`,
            )
        return { yes: true, result: { records, more }, text: '' }
    }

    async *#shownBetween(
        store: ListedStore,
        app: LoadedElmApp | undefined,
        { chain, from, to, ...flags }: ShowFlags & ShownRange,
    ): AsyncGenerator<RecordResult> {
        if (app === undefined || from > to) {
            for await (const record of newestFirst(chain, { from, to }, this.work))
                yield shown(record, undefined, flags)
            return
        }
        const states = await statesAround(store, app, { ...this.work, chain, from, to })
        try {
            this.noteFindings(states.findings)
            const describe = (record: CompositionRecord, effect: KnownEffect | undefined) =>
                shown(record, effect, flags)
            yield* effectsNewestFirst(states, { ...this.work, from, to }, describe)
        } finally {
            await states.close()
        }
    }
}

function shown(record: CompositionRecord, effect: KnownEffect | undefined, flags: ShowFlags): RecordResult {
    return recordResult(describeRecord(record), effect === undefined ? null : effectResult(effect, flags))
}

function effectResult(effect: KnownEffect, { state, path }: ShowFlags): RecordResult['effect'] {
    const { after } = effect
    const part = state ? (path === undefined ? after : (partAt(after, path) ?? null)) : null
    const known = effect.before === undefined ? undefined : effect
    return {
        responses: known === undefined ? null : [...known.responses],
        state: part,
        difference:
            state || known === undefined
                ? null
                : differenceResult(differenceAt(path ?? '', known.before, after)),
    }
}
