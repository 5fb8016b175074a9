// What all commands share: flags, the two forms of output, warnings, errors and exit codes. oclif's own --json and its
// own error handling do neither of these: see design notes in docs/design.md.
import { Command, Flags } from '@oclif/core'
import wrapAnsi from 'wrap-ansi'

import type { Finding } from '../core/composition/finding.js'
import type { Place } from '../core/errors.js'
import type { WorkOptions } from '../core/progress.js'
import { exitCodes } from './exit-codes.js'
import { listenForInterrupt } from './interrupt.js'
import type { Warning } from './json/common.js'
import type { CommandName, ResultOf } from './json/results.js'
import { printable } from './printable.js'
import { ProgressDisplay } from './progress.js'
import { describeError, placeText, printEnvelope, printError, wantsJson } from './report-error.js'
import { type Style, styleFor } from './terminal.js'

export interface Answer<Name extends CommandName> {
    /** Whether the answer is yes: decides between exit code 0 and 3. */
    readonly yes: boolean
    readonly result: ResultOf<Name>
    /** For stdout, without --json. */
    readonly text: (style: Style) => string
    /** For stderr, without --json. */
    readonly summary?: (style: Style) => string
}

export abstract class ComplogCommand<Name extends CommandName> extends Command {
    static override baseFlags = {
        json: Flags.boolean({ description: 'print one JSON envelope instead of text', helpGroup: 'GLOBAL' }),
        'no-color': Flags.boolean({ description: 'print plain text', helpGroup: 'GLOBAL' }),
    }

    readonly #warnings: Warning[] = []
    readonly #progress = new ProgressDisplay()
    #work: WorkOptions = {}

    /** Does the work. Throws what stops it. */
    protected abstract answer(): Promise<Answer<Name>>

    /** How the core is followed and interrupted. */
    protected get work(): WorkOptions {
        return this.#work
    }

    /** Something worth knowing: a line on stderr, or an entry of `warnings`. */
    protected note(message: string): void {
        this.#warnings.push({ id: null, message, place: null })
    }

    protected noteAt(message: string, place: Place): void {
        this.#warnings.push({ id: null, message, place })
    }

    /** The findings among these that are in the way of nothing but should be known. */
    protected noteFindings(findings: readonly Finding[]): void {
        for (const { id, severity, message, place } of findings) {
            if (severity !== 'note') this.#warnings.push({ id, message, place: place ?? null })
        }
    }

    /** Whether text would be in the way. */
    protected get isJson(): boolean {
        return wantsJson(this.argv)
    }

    /** Makes room for a question. */
    protected stopProgress(): Promise<void> {
        return this.#progress.stop()
    }

    override async run(): Promise<void> {
        const interrupt = listenForInterrupt()
        this.#work = { signal: interrupt.signal, onProgress: this.#progress.report }
        try {
            const answer = await this.answer()
            await this.#progress.stop()
            this.#print(answer)
            process.exitCode = answer.yes ? exitCodes.ok : exitCodes.no
        } finally {
            interrupt.release()
            await this.#progress.stop()
        }
    }

    protected override catch(error: unknown): Promise<void> {
        const described = describeError(error, this.#name)
        if (this.isJson) {
            printEnvelope(this.#name, {
                status: 'error',
                result: null,
                error: described.json,
                warnings: this.#warnings,
            })
        } else {
            this.#printWarnings()
            printError(described, this.#styleOf(process.stderr))
        }
        process.exitCode = described.exitCode
        return Promise.resolve()
    }

    #print({ yes, result, text, summary }: Answer<Name>): void {
        if (this.isJson) {
            printEnvelope(this.#name, { status: yes ? 'ok' : 'no', result, warnings: this.#warnings })
            return
        }
        process.stdout.write(text(this.#styleOf(process.stdout)))
        this.#printWarnings()
        if (summary) process.stderr.write(summary(this.#styleOf(process.stderr)))
    }

    #printWarnings(): void {
        const { chalk, columns } = this.#styleOf(process.stderr)
        for (const { message, place } of this.#warnings) {
            const where = place === null ? '' : ` (${placeText(place)})`
            process.stderr.write(
                `${wrapAnsi(`${chalk.yellow('Warning:')} ${printable(message)}${where}`, columns)}\n`,
            )
        }
    }

    #styleOf(stream: NodeJS.WriteStream): Style {
        return styleFor(stream, this.argv.includes('--no-color'))
    }

    get #name(): Name {
        return this.id as Name
    }
}
