import * as Flags from '@oclif/core/flags'

import type { Ref } from '../core/composition/ref.js'
import type { LoadedElmApp } from '../core/elm-app/elm-app.js'
import { type Restored, restore } from '../core/restore/restore.js'
import { refuseHostFolders } from '../core/rewrite/outside-store.js'
import { type ListedStore, openStoreToRead, openStoreEnd } from '../core/store/process-store.js'
import { readUncut } from '../core/store/read-uncut.js'
import { type Answer, ComplogCommand } from '../cli/base-command.js'
import { exitCodeHelp, withApp } from '../cli/exit-codes.js'
import {
    appFlags,
    limitFlags,
    limitsFrom,
    loadAppFrom,
    refFlag,
    refHelp,
    requireApp,
    storeArgument,
} from '../cli/flags/flags.js'
import { replayResult } from '../cli/json/from-core.js'
import { renderReplaySummary } from '../cli/render/replay.js'
import { OutputFile } from '../cli/output-file.js'

interface ReplayFlags {
    readonly until?: Ref | undefined
    readonly head?: Ref | undefined
    readonly 'from-genesis': boolean
    readonly 'from-end': boolean
    readonly responses?: string | undefined
}

export default class Replay extends ComplogCommand<'replay'> {
    static override readonly id = 'replay'
    static readonly summary = 'Restore the state of an app from its process store.'
    static readonly description = `Prints the serialised state on stdout, byte for byte, and a summary on stderr. Checks and orders the whole log first, then starts at the newest reduction at or before the target.

${refHelp}

${exitCodeHelp(withApp)}`
    static readonly usage = [
        '<%= command.id %> STORE --app APP [--from-genesis] [--until REF] [--head REF] [--responses FILE]',
        '<%= command.id %> STORE --app APP --from-end [--responses FILE]',
    ]
    static readonly examples = [
        '<%= config.bin %> <%= command.id %> process-store --app app > state.json',
        '<%= config.bin %> <%= command.id %> process-store --app app --until head~3 --responses out.jsonl',
    ]
    static readonly args = storeArgument
    static readonly flags = {
        until: refFlag({ description: 'stop after this record [default: head]' }),
        head: refFlag({ description: 'the record that counts as the head, where the log leaves a choice' }),
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
        ...limitFlags,
    }

    protected override async answer(): Promise<Answer<'replay'>> {
        const { args, flags } = await this.parse(Replay)
        const open = flags['from-end'] ? openStoreEnd : openStoreToRead
        const opened = await open(args.store, limitsFrom(flags))
        if (flags.responses !== undefined) await refuseHostFolders(opened, flags.responses, '--responses')
        const app = await loadAppFrom(requireApp(flags.app), flags, this.work, (text) => this.note(text))
        const restored = await this.#restored(opened, app, flags)
        this.#noteWhatIsOdd(restored)
        const result = replayResult(restored, flags.responses)
        // On a terminal, the prompt should not stand behind the state; in a pipe, the state is exact.
        const lineEnd = process.stdout.isTTY ? '\n' : ''
        return {
            yes: restored.unreadState === null,
            result,
            text: restored.state + lineEnd,
            summary: (style) => renderReplaySummary(restored, style),
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
                isSuspect: ({ findings }) => findings.length > 0,
                ...(responses?.canRestart === false && { roundsMax: 1 }),
            })
            await responses?.finish()
            return restored
        } finally {
            await responses?.discard()
        }
    }

    // The state is shown all the same: this is how to see what another version of the app makes of a store.
    #noteWhatIsOdd(restored: Restored): void {
        this.noteFindings(restored.findings)
        const { decodeErrors, firstDecodeError, strangers } = restored
        if (strangers > 0) {
            this.note(
                'The last line is not the head, or lines are out of order, so the whole log was read. A host that starts here would restore another state, or start more slowly.',
            )
        }
        if (decodeErrors > 0 && firstDecodeError !== null) {
            this.noteAt(
                `The app did not understand ${decodeErrors} of its own events (it answered decodeError); this record holds the first.`,
                firstDecodeError.place,
            )
        }
    }
}
