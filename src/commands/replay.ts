import * as Flags from '@oclif/core/flags'
import type { InferredFlags } from '@oclif/core/interfaces'

import { type Answer, ComplogCommand } from '../cli/base-command.js'
import { exitCodeHelp, withApp } from '../cli/exit-codes.js'
import {
    appFlags,
    headFlag,
    limitsFrom,
    refFlag,
    refHelp,
    refuseForLater,
    storeArgument,
} from '../cli/flags/flags.js'
import type { GivenStateResult } from '../cli/json/later-results.js'
import { OutputFile } from '../cli/output-file.js'
import { renderGivenState, renderReplaySummary } from '../cli/render/replay.js'
import type { LoadedElmApp } from '../core/elm-app/elm-app.js'
import { openEndToRestore } from '../core/restore/known-starts.js'
import { type Restored, restore } from '../core/restore/restore.js'
import { notUnderstood } from '../core/restore/understanding.js'
import { refuseHostFolders } from '../core/rewrite/outside-store.js'
import { type ListedStore, openStoreByNames, openStoreToRead } from '../core/store/process-store.js'
import { mayComeOfCut, readUncut } from '../core/store/read-uncut.js'
import { type LaterStore, laterStoreAt } from '../core/store/recognise.js'

type ReplayFlags = InferredFlags<typeof Replay.flags>

export default class Replay extends ComplogCommand<'replay'> {
    static override readonly id = 'replay'
    static readonly summary = 'Restore the state of an app from its process store.'
    static readonly description =
        `Prints the serialised state on stdout, byte for byte, and a summary on stderr. Checks and orders the whole log first, then starts at the newest reduction at or before the target.

Of a store of elm-fullstack, elm-time or Pine, from 2020-05 on, it needs no --app: a reduction, or a record that sets a state, gives it, as the app's own text until 0.3.x, as JSON made of the stored value since 0.4.0. Where none does, the app in the store replays the events, if it is one of 2020-05 to 2021-07 that plain elm make compiles; with --app, that app does.

${refHelp}

${exitCodeHelp(withApp)}`
    static readonly usage = [
        '<%= command.id %> STORE --app APP [--from-genesis] [--until REF] [--head REF] [--responses FILE]',
        '<%= command.id %> STORE --app APP --from-end [--responses FILE]',
        '<%= command.id %> STORE [--app APP] [--from-genesis] [--until REF] [--head REF]',
    ]
    static readonly examples = [
        '<%= config.bin %> <%= command.id %> process-store --app app > state.json',
        '<%= config.bin %> <%= command.id %> process-store --app app --until head~3 --responses out.jsonl',
    ]
    static readonly args = storeArgument
    static readonly flags = {
        until: refFlag({ description: 'stop after this record [default: head]' }),
        head: headFlag,
        'from-genesis': Flags.boolean({ description: 'start from the first record, not from a reduction' }),
        'from-end': Flags.boolean({
            description:
                'read backwards from the last line only as far as the nearest reduction, as a host does at start',
            exclusive: ['from-genesis', 'until', 'head'],
        }),
        responses: Flags.string({
            helpValue: 'FILE',
            description: 'write every response there, one JSON string a line',
        }),
        ...appFlags,
    }

    protected override async answer(): Promise<Answer<'replay'>> {
        const { args, flags } = await this.parse(Replay)
        const later = laterStoreAt(args.store)
        if (later !== undefined) return this.#ofLater(later, flags)
        // What was written of the responses cannot always be written again.
        const openWhole = flags.responses === undefined ? openStoreByNames : openStoreToRead
        const limits = limitsFrom(flags)
        const opened = flags['from-end']
            ? await openEndToRestore(args.store, limits, openWhole)
            : await openWhole(args.store, limits)
        if (flags.responses !== undefined) await refuseHostFolders(opened, flags.responses, '--responses')
        const app = await this.loadApp(flags)
        const restored = await this.#restored(opened, app, flags)
        // The state is shown all the same: so one sees what another version of the app makes of a store.
        const { findings, firstDecodeError, strangers, unreadState, ...result } = restored
        this.noteFindings(findings)
        if (strangers > 0) {
            this.note(
                'The last line is not the head, or lines are out of order, so the whole log was read. A host that starts here would restore another state, or start more slowly.',
            )
        }
        if (firstDecodeError !== null) this.note(notUnderstood(result.decodeErrors), firstDecodeError.place)
        // On a terminal, the prompt should not stand behind the state; in a pipe, the state is exact.
        const lineEnd = process.stdout.isTTY ? '\n' : ''
        return {
            yes: unreadState === null,
            result: { ...result, responsesFile: flags.responses ?? null },
            text: restored.state + lineEnd,
            summary: (style) => renderReplaySummary(restored, style),
        }
    }

    /** Of a store of 2020-05 or later: the state that something in it gives, or else its own app. */
    async #ofLater(store: LaterStore, flags: ReplayFlags): Promise<Answer<'replay'>> {
        refuseForLater(store, flags, ['from-end', 'responses'])
        const { readLaterUpTo } = await import('../core/later/contents/row-at.js')
        const { restoreLater } = await import('../core/restore/later/restore-later.js')
        const begin = performance.now()
        const read = await readLaterUpTo(store, { ...this.work, head: flags.head })
        const { ambiguous, unread, firstDecodeError, ...restored } = await restoreLater(read, {
            ...this.work,
            until: flags.until,
            isHeadNamed: flags.head !== undefined,
            fromGenesis: flags['from-genesis'],
            app: await this.loadAppIfNamed(flags),
            load: (files, origin) => this.loadApp({ ...flags, app: origin, files }),
        })
        this.noteFindings(read.log.findings.list)
        for (const sentence of ambiguous) this.note(sentence)
        if (unread !== undefined) this.note(unread)
        if (firstDecodeError !== undefined) this.note(notUnderstood(restored.decodeErrors), firstDecodeError)
        const generation = store.generation.id as GivenStateResult['generation']
        const result = { generation, ...restored, milliseconds: performance.now() - begin }
        const lineEnd = process.stdout.isTTY ? '\n' : ''
        return {
            yes: unread === undefined,
            result,
            text: restored.state + lineEnd,
            summary: (style) => renderGivenState(result, style),
        }
    }

    async #restored(opened: ListedStore, app: LoadedElmApp, flags: ReplayFlags): Promise<Restored> {
        if (flags.responses !== undefined) this.holdSignals()
        const responses = flags.responses === undefined ? undefined : await OutputFile.create(flags.responses)
        const work = async (store: ListedStore) => {
            await responses?.restart()
            return restore(store, app, {
                ...this.work,
                until: flags.until,
                head: flags.head,
                fromGenesis: flags['from-genesis'],
                fromEnd: flags['from-end'],
                onResponses: responses?.write,
            })
        }
        try {
            const restored = await readUncut(opened, work, {
                isSuspect: ({ findings }) => mayComeOfCut(findings),
                ...(responses?.canRestart === false && { roundsMax: 1 }),
            })
            await responses?.finish()
            return restored
        } finally {
            await responses?.discard()
        }
    }
}
