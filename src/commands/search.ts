import * as Flags from '@oclif/core/flags'
import type { InferredFlags } from '@oclif/core/interfaces'

import { type Answer, ComplogCommand } from '../cli/base-command.js'
import { exitCodeHelp, withApp } from '../cli/exit-codes.js'
import {
    appFlags,
    headFlag,
    limitsFrom,
    refuseForLater,
    requireApp,
    storeArgument,
    valueBy,
} from '../cli/flags/flags.js'
import { type HitResult, hitLine, hitResult } from '../cli/json/from-history.js'
import type { ResultOf } from '../cli/json/results.js'
import { csvHead, csvLine, renderHit, sparkline } from '../cli/render/search.js'
import { isInteractive } from '../cli/text/terminal.js'
import { countOf } from '../cli/text/units.js'
import { parseRef, parseTime } from '../core/composition/ref.js'
import { partAt } from '../core/difference/difference.js'
import { ComplogError } from '../core/errors.js'
import { type Bound, type Hit, type SearchOptions, search } from '../core/history/search.js'
import { defaultLimits } from '../core/limits.js'
import { type ListedStore, openStoreToRead } from '../core/store/process-store.js'
import { readUncut } from '../core/store/read-uncut.js'
import { type LaterStore, laterStoreAt } from '../core/store/recognise.js'

/** What was found, and the course of a value over time. */
interface Found {
    readonly result: ResultOf<'search'>
    readonly course: readonly number[]
    /** Position of the record of the first hit. */
    readonly first: number
}

const boundFlag = Flags.custom<Bound>(
    valueBy('WHEN', (text) => {
        const posixMilliseconds = parseTime(text)
        return posixMilliseconds === undefined ? parseRef(text) : { kind: 'moment', posixMilliseconds }
    }),
)

type SearchFlags = InferredFlags<typeof Search.flags>

export default class Search extends ComplogCommand<'search'> {
    static override readonly id = 'search'
    static readonly summary = 'Find events by what they are, by what they say, and by what they did.'
    static readonly description =
        `Prints the events that fulfil all that is asked for, one a line, as they are found. Ends with 0 where there is one, with 3 where there is none.

EXPR is an expression of JavaScript that sees event (the JSON in it, else the text), text (the event as it is), and record; with --app also response, and before and state, which are those around the event.

Of a store of elm-fullstack, elm-time or Pine, from 2020-05 on, KIND may also be what a record does, such as deploy, set-state, revert or apply-function, or event for all that the app was told.

${exitCodeHelp(withApp)}`
    static readonly usage = [
        "<%= command.id %> STORE [--kind 'POST /api'] [--match REGEX] [--where EXPR] [--since WHEN] [--until WHEN]",
        '<%= command.id %> STORE --app APP [--changed POINTER] [--where EXPR] [--csv | --lines | --count]',
    ]
    static readonly examples = [
        `<%= config.bin %> <%= command.id %> process-store --kind 'POST /api' --match 'order-7\\b' --since 2019-04-28`,
        `<%= config.bin %> <%= command.id %> process-store --where 'event.addition > 900' --lines | jq .event`,
        '<%= config.bin %> <%= command.id %> process-store --app app --changed /orders/7 --csv',
        "<%= config.bin %> <%= command.id %> process-store --kind '!time' --since 2022-04-03",
    ]
    static readonly args = storeArgument
    static readonly flags = {
        kind: Flags.string({
            helpValue: 'KIND',
            description:
                'only events of this kind: the method and path of a web request, time for a time that has come, else the first key; with ! before it, only others',
        }),
        match: Flags.string({
            helpValue: 'REGEX',
            description: 'only events whose text this regular expression matches',
        }),
        'ignore-case': Flags.boolean({
            char: 'i',
            description: 'let --match take small letters for capital ones',
            dependsOn: ['match'],
        }),
        where: Flags.string({
            helpValue: 'EXPR',
            description: 'only where this expression of JavaScript is true',
        }),
        changed: Flags.string({
            helpValue: 'POINTER',
            description: 'only events that changed this part of the state, a JSON pointer such as /orders/7',
        }),
        since: boundFlag({
            description: 'begin with this record, a REF, or with the first one from that time on',
        }),
        until: boundFlag({ description: 'end with this record, a REF, or with the last one of that time' }),
        limit: Flags.integer({ helpValue: 'N', description: 'end after so many', min: 1 }),
        count: Flags.boolean({ description: 'print only how many there are', exclusive: ['limit'] }),
        lines: Flags.boolean({
            description: 'print a line of JSON each, for jq',
            exclusive: ['json', 'csv', 'count'],
        }),
        csv: Flags.boolean({
            description: 'print comma-separated values; with --changed, the course of a value over time',
            exclusive: ['json', 'count'],
        }),
        head: headFlag,
        ...appFlags,
    }

    protected override async answer(): Promise<Answer<'search'>> {
        const { args, flags } = await this.parse(Search)
        const match = flags.match === undefined ? undefined : regexOf(flags.match, flags['ignore-case'])
        const later = laterStoreAt(args.store)
        if (later !== undefined) return this.#inLater(later, flags, match)
        if (flags.changed !== undefined) {
            requireApp(flags.app)
            partAt('0', flags.changed)
        }
        const opened = await openStoreToRead(args.store, limitsFrom(flags))
        const app = await this.loadAppIfNamed(flags)
        const options: SearchOptions = {
            ...this.work,
            ...flags,
            ...{ match, app },
            onBrokenChain: (error) => {
                this.note(
                    `${error.message} So its records were searched as their lines stand, without numbers, and lines that are no records were passed over.`,
                )
            },
        }
        const work = (store: ListedStore) =>
            this.#found((onStretch) => search(store, { ...options, onStretch }), flags)
        const isRepeatable = this.isJson || flags.count
        return this.#answerOf(await readUncut(opened, work, isRepeatable ? {} : { roundsMax: 1 }), flags)
    }

    async #inLater(
        store: LaterStore,
        flags: SearchFlags,
        match: RegExp | undefined,
    ): Promise<Answer<'search'>> {
        refuseForLater(store, flags, ['app', 'changed'])
        const { readLaterUpTo } = await import('../core/later/contents/row-at.js')
        const { LaterHistory } = await import('../core/history/later-records.js')
        const { searchLater } = await import('../core/history/search-later.js')
        const { lostLog } = await import('../core/later/reading/read-later.js')
        const read = await readLaterUpTo(store, { ...this.work, head: flags.head })
        this.noteFindings([...read.log.findings.list, ...lostLog(read)])
        const history = new LaterHistory(read)
        const limits = { ...defaultLimits, ...limitsFrom(flags) }
        const options = { ...this.work, ...flags, ...{ match, limits } }
        const find = (onStretch: (to: number) => void) => searchLater(history, { ...options, onStretch })
        return this.#answerOf(await this.#found(find, flags), flags)
    }

    async #found(
        find: (onStretch: (to: number) => void) => AsyncIterable<Hit>,
        flags: SearchFlags,
    ): Promise<Found> {
        const hits: HitResult[] = []
        const course: number[] = []
        let [count, next, last, first]: [number, string | null, number, number] = [0, null, Infinity, 0]
        if (flags.csv) await this.printPart(csvHead)
        for await (const hit of find((to) => void (last = to))) {
            count += 1
            if (count === 1) first = hit.record.position
            if (flags.count) continue
            const result = hitResult(hit)
            if (this.isJson) hits.push(result)
            else await this.#print(result, flags)
            if (result.after !== null) course.push(Number(result.after))
            if (count !== flags.limit) continue
            next = nextRef(hit, last)
            break
        }
        return { result: { hits, count, next }, course, first }
    }

    async #answerOf(found: Found, flags: SearchFlags): Promise<Answer<'search'>> {
        await this.#printEnd(found, flags)
        const { result } = found
        return { yes: result.count > 0, result, text: flags.count ? `${result.count}\n` : '' }
    }

    #print(hit: HitResult, { lines, csv, changed }: SearchFlags): Promise<void> {
        if (lines) return this.printPart(hitLine(hit))
        if (csv) return this.printPart(csvLine(hit))
        return this.printPart((style) => renderHit(hit, changed !== undefined, style))
    }

    async #printEnd({ result, course, first }: Found, flags: SearchFlags): Promise<void> {
        if (this.isJson) return
        const line =
            isInteractive(process.stdout) && !flags.lines && !flags.csv ? sparkline(course) : undefined
        if (line !== undefined) await this.printPart(() => `\n${line}\n`)
        const { count, next } = result
        if (next === null) return
        const ended = `Ended after ${countOf(count, 'hit')}`
        // From there the same hits would come again.
        if (next === `#${first}`) this.note(`${ended}, within ${next}: raise --limit to see the rest of it.`)
        else this.note(`${ended}. Go on with --since '${next}'.`)
    }
}

/** The record behind, or the same one where it holds more events; null where nothing is left to look at. */
function nextRef({ record, eventIndex }: Hit, last: number): string | null {
    const next = record.position + (eventIndex < record.events.length - 1 ? 0 : 1)
    return record.position === 0 || next > last ? null : `#${next}`
}

function regexOf(source: string, ignoresCase: boolean): RegExp {
    try {
        return new RegExp(source, ignoresCase ? 'i' : '')
    } catch (error) {
        throw new ComplogError('usage', `--match: ${(error as Error).message}.`, {
            hint: 'Give a regular expression of JavaScript. A letter that means something there, such as ( or ., stands for itself behind a backslash.',
        })
    }
}
