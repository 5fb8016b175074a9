import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import type { InferredFlags } from '@oclif/core/interfaces'

import { type Answer, ComplogCommand } from '../cli/base-command.js'
import { exitCodeHelp, withApp } from '../cli/exit-codes.js'
import {
    appFlags,
    headFlag,
    limitsFrom,
    refHelp,
    refuseForLater,
    requireApp,
    storeArgument,
} from '../cli/flags/flags.js'
import { type RecordResult, recordLine, recordResult } from '../cli/json/from-history.js'
import { renderHead, renderLine, renderRecord } from '../cli/render/show.js'
import type { Style } from '../cli/text/terminal.js'
import { countOf } from '../cli/text/units.js'
import { type CompositionRecord, type Positions, recordAt } from '../core/check/chain.js'
import { positionOf } from '../core/check/choose-chain.js'
import { parseRef, parseRefRange, type Ref, type RefRange, refText } from '../core/composition/ref.js'
import { differenceAt, partAt } from '../core/difference/difference.js'
import type { LoadedElmApp } from '../core/elm-app/elm-app.js'
import { ComplogError } from '../core/errors.js'
import { describeRecord, effectsNewestFirst, newestFirst } from '../core/history/history.js'
import { throwIfInterrupted } from '../core/interruption.js'
import { givenState } from '../core/later/contents/given-state.js'
import type { ReadLater } from '../core/later/reading/read-later.js'
import { effectIn, type KnownEffect, statesAround } from '../core/restore/record-effect.js'
import { findTarget } from '../core/restore/restore-target.js'
import { type ListedStore, openStoreToRead } from '../core/store/process-store.js'
import { readUncut } from '../core/store/read-uncut.js'
import { type LaterStore, laterStoreAt } from '../core/store/recognise.js'

const listedMax = 1000

type ShowFlags = InferredFlags<typeof Show.flags>
type ListFlags = ShowFlags & { readonly range: RefRange }
type ShownRange = Pick<Parameters<typeof statesAround>[2], 'chain' | 'from' | 'to'>

export default class Show extends ComplogCommand<'show'> {
    static override readonly id = 'show'
    static readonly summary = 'Show a record, its events, and what they did to the state of the app.'
    static readonly description =
        `Prints one record: its hash, place and time, its events, and with --app their responses and what changed in the state. Without REF, the head. REF..REF lists the records behind the first up to the second, the newest first, one a line, with --app and what each changed.

Of a store of elm-fullstack, elm-time or Pine, from 2020-05 on, it takes no --app: --state and --diff show states that a reduction, or a record that sets one, gives.

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
        lines: Flags.boolean({ description: 'print a line of JSON a record, for jq', exclusive: ['json'] }),
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
        // What is no pointer should be told before a long replay.
        if (flags.path !== undefined) partAt('0', flags.path)
        const later = laterStoreAt(args.store)
        if (later !== undefined) return this.#ofLater(later, { ...flags, range, ref: args.ref })
        if (flags.state || flags.diff || flags.path !== undefined) requireApp(flags.app)
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
        const { record, effect } = await readUncut(opened, async (store) => {
            const wanted = { ...this.work, until: flags.until, head: flags.head }
            const { chain, position } = await findTarget(store, wanted)
            if (position === 0)
                throw new ComplogError('unknown-ref', 'The log is empty: there is no record to show.')
            if (app === undefined) return { record: await recordAt(chain, position, this.work) }
            const only = { ...this.work, chain, from: position, to: position }
            await using states = await statesAround(store, app, only)
            this.noteFindings(states.findings)
            const effect = await effectIn(states, position)
            return { record: await states.record(position), effect }
        })
        // Only now, when the memory of the app is free again.
        return this.#answerOf(shown(record, effect, flags), flags)
    }

    #answerOf(record: RecordResult, flags: ShowFlags): Answer<'show'> {
        const state = record.effect?.state ?? null
        const answer = { yes: !flags.state || state !== null, result: { records: [record], more: 0 } }
        if (flags.lines) return { ...answer, text: recordLine(record) }
        if (!flags.state) return { ...answer, text: (style) => renderRecord(record, style) }
        const nothing = `Nothing stands at ${flags.path ?? ''} in this state.\n`
        return {
            ...answer,
            text: state === null ? '' : state + (process.stdout.isTTY ? '\n' : ''),
            summary: (style: Style) => `${renderHead(record, style)}\n${state === null ? nothing : ''}`,
        }
    }

    async #list(
        opened: ListedStore,
        app: LoadedElmApp | undefined,
        flags: ListFlags,
    ): Promise<Answer<'show'>> {
        const { range, head } = flags
        const list = async (store: ListedStore) => {
            const wanted = { ...this.work, until: range.until, head }
            const { chain, position: to } = await findTarget(store, wanted)
            const whole = { chain, head: chain.length }
            const after = range.after === undefined ? 0 : await positionOf(whole, range.after, this.work)
            return this.#listed({ from: after, to }, flags, (between) =>
                this.#shownBetween(store, app, { ...flags, ...between, chain }),
            )
        }
        return readUncut(opened, list, this.isJson ? {} : { roundsMax: 1 })
    }

    /**
     * The newest first, as they come, so that the first ones are seen at once.
     * @param range positions of the record behind which they begin, and of the last one
     */
    async #listed(
        { from: after, to }: Positions,
        { range, lines, limit = lines ? Infinity : listedMax }: ListFlags,
        shownBetween: (positions: Positions) => AsyncIterable<RecordResult> | Iterable<RecordResult>,
    ): Promise<Answer<'show'>> {
        refuseReversed({ from: after, to })
        const from = Math.max(after, to - limit) + 1
        const records: RecordResult[] = []
        for await (const record of shownBetween({ from, to })) {
            if (this.isJson) records.push(record)
            else if (lines) await this.printPart(recordLine(record))
            else await this.printPart((style) => `${renderLine(record, style)}\n`)
        }
        const more = from - 1 - after
        if (more > 0 && !this.isJson)
            this.note(
                `The range has ${countOf(more, 'older record')} beyond these: raise --limit, or go on with ${range.after === undefined ? '' : refText(range.after)}..#${from - 1}.`,
            )
        return { yes: true, result: { records, more }, text: '' }
    }

    /** Of a store since 2020-05, without an app: states are those that something in it gives. */
    async #ofLater(
        store: LaterStore,
        flags: ShowFlags & { readonly range: RefRange | undefined; readonly ref: string | undefined },
    ): Promise<Answer<'show'>> {
        refuseForLater(store, flags, ['app'])
        const { readLaterUpTo, rowAt } = await import('../core/later/contents/row-at.js')
        const { LaterHistory } = await import('../core/history/later-records.js')
        const read = await readLaterUpTo(store, { ...this.work, head: flags.head })
        this.noteFindings(read.log.findings.list)
        const history = new LaterHistory(read)
        const shownAt = (row: number) => recordResult(history.at(row), this.#given(read, row, flags))
        const { range, ref = 'head' } = flags
        if (range === undefined) return this.#answerOf(shownAt(rowAt(read, parseRef(ref))), flags)
        const to = rowAt(read, range.until ?? { kind: 'head' })
        const after = range.after === undefined ? -1 : rowAt(read, range.after)
        const { signal } = this.work
        return this.#listed({ from: after + 1, to: to + 1 }, { ...flags, range }, function* (between) {
            for (let position = between.to; position >= between.from; position--) {
                throwIfInterrupted(signal)
                yield shownAt(position - 1)
            }
        })
    }

    /** Of a single record it is told why not, where a state that was asked for is not given. */
    #given(
        read: ReadLater,
        row: number,
        flags: ShowFlags & { readonly range: RefRange | undefined },
    ): RecordResult['effect'] {
        if (!flags.state && !flags.diff && flags.path === undefined) return null
        try {
            const after = givenState(read, atRow(row))
            if (flags.range === undefined) for (const each of after.ambiguous) this.note(each)
            const before = flags.state || row === 0 ? undefined : givenState(read, atRow(row - 1)).state
            return effectResult({ before, after: after.state }, flags)
        } catch (error) {
            const isNotGiven = error instanceof ComplogError && error.code === 'no-reduction'
            if (isNotGiven && flags.range !== undefined) return null
            throw error
        }
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
        await using states = await statesAround(store, app, { ...this.work, chain, from, to })
        this.noteFindings(states.findings)
        const describe = (record: CompositionRecord, effect: KnownEffect | undefined) =>
            shown(record, effect, flags)
        yield* effectsNewestFirst(states, { ...this.work, from, to }, describe)
    }
}

/** @throws ComplogError `usage` where the first record of a range comes behind the last */
function refuseReversed({ from, to }: Positions): void {
    if (from <= to) return
    throw new ComplogError('usage', `The range ends with #${to}, before #${from}, with which it begins.`, {
        hint: `Name the older record first: #${to}..#${from}`,
    })
}

const atRow = (row: number): Ref => ({ kind: 'number', position: row + 1 })

function shown(record: CompositionRecord, effect: KnownEffect | undefined, flags: ShowFlags): RecordResult {
    return recordResult(describeRecord(record), effect === undefined ? null : effectResult(effect, flags))
}

/** Without the one before, where nothing says what it was; without responses, where no app gave any. */
interface StatesAround {
    readonly before?: string | undefined
    readonly after: string
    readonly responses?: readonly string[]
}

function effectResult(
    { before, after, responses }: StatesAround,
    { state, path }: Pick<ShowFlags, 'state' | 'path'>,
): RecordResult['effect'] {
    const part = state ? (path === undefined ? after : (partAt(after, path) ?? null)) : null
    const isKnown = before !== undefined
    return {
        responses: (isKnown ? responses : undefined) ?? null,
        state: part,
        difference: state || !isKnown ? null : differenceAt(path ?? '', before, after),
    }
}
