import * as Flags from '@oclif/core/flags'

import { type Answer, ComplogCommand } from '../cli/base-command.js'
import { readEventLines } from '../cli/event-lines.js'
import { appending, exitCodeHelp } from '../cli/exit-codes.js'
import { appFlags, limitsFrom, newStoreArgument } from '../cli/flags/flags.js'
import { processFlags, processOptionsFrom } from '../cli/flags/process-flags.js'
import { writeForeignResult } from '../cli/output.js'
import { renderAppend } from '../cli/render/append.js'
import { signalUntil } from '../cli/second-process/interrupt.js'
import { asError } from '../core/errors.js'
import { defaultLimits } from '../core/limits.js'
import { feedEvents } from '../core/process/feed-events.js'
import { PersistentProcess } from '../core/process/persistent-process.js'
import { refuseLaterStore } from '../core/store/recognise.js'

export default class Append extends ComplogCommand<'append'> {
    static override readonly id = 'append'
    static readonly summary = 'Feed events to an app, each in the log for good before its response is shown.'
    static readonly description =
        `Restores the app from its process store, then reads events from stdin, one JSON string a line, and writes the response to each on stdout, one JSON string a line, in the same order. A response is shown only once the record of its event is on the disk. A store that is not there is made. Ends with the input.

Where the app fails on an event, or an event is refused, it ends with 15 or 17 and names the line: neither that line nor what comes behind it is in the log.

With --json, the responses are a part of the envelope.

${exitCodeHelp(appending)}`
    static readonly usage = '<%= command.id %> STORE --app APP [--raw]'
    static readonly examples = [
        `echo '"{\\"addition\\":3}"' | <%= config.bin %> <%= command.id %> process-store --app app`,
        `printf '%s\\n' '{"addition":3}' '{"addition":4}' | <%= config.bin %> <%= command.id %> process-store --app app --raw`,
    ]
    static readonly args = newStoreArgument
    static readonly flags = {
        raw: Flags.boolean({ description: 'events and responses are lines as they stand, not JSON strings' }),
        ...processFlags,
        ...appFlags,
    }

    protected override async answer(): Promise<Answer<'append'>> {
        const { args, flags } = await this.parse(Append)
        refuseLaterStore(args.store)
        this.holdSignals()
        const limits = limitsFrom(flags)
        let isUp = false
        const starting = { ...this.work, signal: signalUntil(this.work.signal, () => isUp) }
        const app = await this.loadApp(flags, starting)
        const persistent = await PersistentProcess.open(args.store, app, {
            ...processOptionsFrom(flags),
            observer: { onTrouble: (error) => this.note(asError(error).message) },
            ...starting,
            limits,
        })
        const responses: string[] = []
        let events = 0
        try {
            this.noteFindings(persistent.findings)
            const { notUnderstood } = persistent
            if (notUnderstood?.place) this.note(notUnderstood.message, notUnderstood.place)
            isUp = true
            await this.stopProgress()
            const input = readEventLines(this.#input(), {
                raw: flags.raw,
                sizeBytesMax: limits.lineSizeBytesMax ?? defaultLimits.lineSizeBytesMax,
            })
            for await (const response of feedEvents(persistent, input)) {
                events += 1
                if (this.isJson) responses.push(response)
                else await writeForeignResult(`${flags.raw ? response : JSON.stringify(response)}\n`)
            }
            this.work.signal?.throwIfAborted()
        } finally {
            // Whoever waits for a response before sending the next event must see the end, and not wait for
            // ever.
            process.stdin.destroy()
            await persistent.close()
        }
        const { restored, head } = persistent
        const result = {
            records: events,
            head,
            restored,
            responses: this.isJson ? responses : null,
        }
        return { yes: true, result, text: '', summary: (style) => renderAppend(result, style) }
    }

    /** stdin, which an interrupt ends as well. */
    async *#input(): AsyncGenerator<Buffer> {
        const { stdin } = process
        this.work.signal?.addEventListener('abort', () => stdin.destroy())
        try {
            yield* stdin as AsyncIterable<Buffer>
        } catch (error) {
            if (this.work.signal?.aborted !== true) throw error
        }
    }
}
