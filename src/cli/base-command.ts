// Entrance of cli/: what commands share. `text/` is how things are written, `flags/` how they are named on
// the command line, `render/` and `json/` the two forms of a result, `second-process/` where scripts run and
// what a signal does.
//
// What all commands share: flags, the two forms of output, warnings, errors and exit codes. They have the
// form in which oclif runs and describes commands, but not its base class: loading that takes longer than
// most commands do. See docs/decisions/0018-a-short-way-to-a-command.md.
import * as Flags from '@oclif/core/flags'
import { type Input, type OutputFlags, type ParserOutput, parse } from '@oclif/core/parser'

import type { Finding } from '../core/composition/finding.js'
import type { LoadedElmApp } from '../core/elm-app/elm-app.js'
import { ComplogError, type Place } from '../core/errors.js'
import { type Consent, canAskOnTerminal, confirmOnTerminal, notConfirmed } from './confirm.js'
import { exitCodes } from './exit-codes.js'
import { argumentsForComplog, argumentsOfRun } from './flags/arguments.js'
import { type AppFlagValues, asSentence, type CommandWork, loadAppFrom } from './flags/flags.js'
import { refuseMisspeltFlags } from './flags/misspelt.js'
import type { Warning } from './json/common.js'
import type { ResultOf } from './json/results.js'
import type { CommandName } from './json/versions.js'
import { prepareOutput, writeForeignResult, writeResult } from './output.js'
import { ProgressDisplay } from './progress.js'
import { describeError, envelopeText, wantsJson } from './report-error.js'
import { Interrupt } from './second-process/interrupt.js'
import { needsSecondProcess, tellFirstProcess } from './second-process/second-process.js'
import { placeText, printable } from './text/printable.js'
import { type Style, styleFor } from './text/terminal.js'

export interface Answer<Name extends CommandName> {
    /** Whether the answer is yes: decides between exit code 0 and 3. */
    readonly yes: boolean
    /** Where neither of the two says enough. */
    readonly exitCode?: number | undefined
    readonly result: ResultOf<Name>
    /** For stdout, without --json: in our words, or exactly what the app made of what strangers sent. */
    readonly text: ((style: Style) => string | Promise<string>) | string
    /** For stderr, without --json. */
    readonly summary?: (style: Style) => string
}

/** An unset variable of a script must mean neither the working directory nor that a flag was not given. */
function refuseEmptyFlags(flags: object): void {
    for (const [name, value] of Object.entries(flags)) {
        if (![value].flat().includes('')) continue
        throw new ComplogError('usage', `--${name} is an empty text.`)
    }
}

/** So many warnings of a kind are printed: more would leave nothing else of a terminal. */
const shownPerKindMax = 5

/** As oclif bounds it. */
type Outputs = OutputFlags<Record<string, never>>

export abstract class ComplogCommand<Name extends CommandName> {
    /** What follows `complog` on the command line. oclif sets the same, from the name of the file. */
    static id: CommandName
    static baseFlags = {
        json: Flags.boolean({ description: 'print one JSON envelope instead of text', helpGroup: 'GLOBAL' }),
        'no-color': Flags.boolean({ description: 'print plain text', helpGroup: 'GLOBAL' }),
    }

    /** What stands behind the name of the command. */
    protected readonly argv: readonly string[]
    readonly #warnings: Warning[] = []
    readonly #progress = new ProgressDisplay()
    #work: CommandWork = {}

    constructor(argv: readonly string[]) {
        this.argv = argv
    }

    /** Runs the command and tells how it ended. Never throws. */
    static async run(
        this: new (
            argv: readonly string[],
        ) => ComplogCommand<CommandName>,
        argv: readonly string[],
    ): Promise<void> {
        prepareOutput(argv)
        await new this(argv).#run()
    }

    /** Does the work. Throws what stops it. */
    protected abstract answer(): Promise<Answer<Name>>

    /** What the command line says. @throws CLIError of oclif */
    protected async parse<F extends Outputs, B extends Outputs, A extends Outputs>(
        command: Input<F, B, A>,
    ): Promise<ParserOutput<F, B, A>> {
        // Behind `--` stand arguments of ours all the same; behind `--run`, a command that is not ours.
        const argv = argumentsOfRun(this.argv) === undefined ? this.argv : argumentsForComplog(this.argv)
        const flags = { ...command.baseFlags, ...command.flags } as typeof command.flags & object
        refuseMisspeltFlags(argv, flags)
        const parsed = await parse([...argv], { ...command, flags })
        refuseEmptyFlags(parsed.flags)
        return parsed
    }

    /** How the core is followed and interrupted. */
    protected get work(): CommandWork {
        return this.#work
    }

    /** From now on there is something that a signal must not leave half done, or lying about. */
    protected holdSignals(): void {
        this.#work.onTemporaryFiles?.()
    }

    /**
     * The app that the flags describe.
     * @throws ComplogError `usage` where they name none
     */
    protected async loadApp(
        flags: Parameters<typeof loadAppFrom>[0],
        work = this.work,
    ): Promise<LoadedElmApp> {
        const app = await loadAppFrom(flags, work)
        for (const text of app.notes) this.note(asSentence(text))
        return app
    }

    /** The same of a command that also works without an app. */
    protected async loadAppIfNamed(flags: AppFlagValues): Promise<LoadedElmApp | undefined> {
        return flags.app === undefined ? undefined : this.loadApp(flags)
    }

    /** Something worth knowing: a line on stderr, or an entry of `warnings`. */
    protected note(message: string, place: Place | null = null): void {
        this.#warnings.push({ id: null, message, place })
    }

    /** The findings among these that stop nothing but should be known. */
    protected noteFindings(findings: readonly Finding[]): void {
        for (const { id, severity, message, place } of findings) {
            if (severity !== 'note') this.#warnings.push({ id, message, place: place ?? null })
        }
    }

    /** Whether text would be in the way. */
    protected get isJson(): boolean {
        return wantsJson(this.argv)
    }

    /** A part of the result before the rest is there: text of what strangers sent, or in our own words. */
    protected async printPart(text: ((style: Style) => string) | string): Promise<void> {
        await this.#progress.stop()
        if (typeof text === 'string') await writeForeignResult(text)
        else await writeResult(text(this.#styleOf(process.stdout)))
    }

    /**
     * Where nobody can answer, nobody should wait for what comes before the question.
     * @throws ComplogError `not-confirmed`
     */
    protected async refuseUnasked({ plan, undone }: Consent): Promise<void> {
        if (!this.isJson && canAskOnTerminal()) return
        if (!this.isJson) await this.#showPlan(plan)
        throw notConfirmed(undone)
    }

    /** @throws ComplogError `not-confirmed` where they say no, `interrupted` */
    protected async confirm({ plan, question, undone }: Consent): Promise<void> {
        await this.#showPlan(plan)
        if (!(await confirmOnTerminal(question, this.work.signal))) throw notConfirmed(undone)
    }

    async #showPlan(plan: Consent['plan']): Promise<void> {
        await this.stopProgress()
        process.stderr.write(`${plan(this.#styleOf(process.stderr))}\n`)
    }

    /** Makes room for a question. */
    protected stopProgress(): Promise<void> {
        return this.#progress.stop()
    }

    async #run(): Promise<void> {
        if (needsSecondProcess(this.argv)) return this.#runInSecondProcess()
        const interrupt = new Interrupt()
        this.#work = {
            signal: interrupt.signal,
            onProgress: this.#progress.report,
            onTemporaryFiles: interrupt.hold,
        }
        try {
            const answer = await this.answer()
            await this.#progress.stop()
            // What it ends with where nobody reads the result.
            process.exitCode = answer.exitCode ?? (answer.yes ? exitCodes.ok : exitCodes.no)
            await this.#print(answer)
        } catch (error) {
            await this.#progress.stop()
            await this.#report(error)
        } finally {
            interrupt.release()
            tellFirstProcess()
        }
    }

    async #runInSecondProcess(): Promise<void> {
        const { runInSecondProcess } = await import('./second-process/run-in-second-process.js')
        try {
            process.exitCode = await runInSecondProcess(this.#name, this.argv)
        } catch (error) {
            await this.#report(error)
        }
    }

    async #report(error: unknown): Promise<void> {
        const described = describeError(error, this.#name)
        process.exitCode = described.exitCode
        if (this.isJson) {
            await writeForeignResult(
                envelopeText(this.#name, {
                    status: 'error',
                    result: null,
                    error: described.json,
                    warnings: this.#warnings,
                }),
            )
        } else {
            await this.#printWarnings()
            const { printError } = await import('./print-error.js')
            printError(described, this.#styleOf(process.stderr))
        }
    }

    async #print({ yes, result, text, summary }: Answer<Name>): Promise<void> {
        if (this.isJson) {
            const status = yes ? 'ok' : 'no'
            return writeForeignResult(envelopeText(this.#name, { status, result, warnings: this.#warnings }))
        }
        if (typeof text === 'string') await writeForeignResult(text)
        else await writeResult(await text(this.#styleOf(process.stdout)))
        await this.#printWarnings()
        if (summary) process.stderr.write(summary(this.#styleOf(process.stderr)))
    }

    async #printWarnings(): Promise<void> {
        if (this.#warnings.length === 0) return
        // It takes a while to load, and most commands have nothing to wrap.
        const { default: wrapAnsi } = await import('wrap-ansi')
        const { chalk, columns } = this.#styleOf(process.stderr)
        const counts = new Map<Warning['id'], number>()
        for (const { id, message, place } of this.#warnings) {
            const count = (counts.get(id) ?? 0) + 1
            counts.set(id, count)
            if (id !== null && count > shownPerKindMax + 1) continue
            const where = place === null ? '' : ` (${placeText(place)})`
            const text =
                id !== null && count > shownPerKindMax
                    ? `… and more of \`${id}\`; --json lists up to 1,000 of each kind.`
                    : `${chalk.yellow('Warning:')} ${printable(message)}${where}`
            process.stderr.write(`${wrapAnsi(text, columns)}\n`)
        }
    }

    #styleOf(stream: NodeJS.WriteStream): Style {
        return styleFor(stream, this.argv.includes('--no-color'))
    }

    get #name(): Name {
        return (this.constructor as typeof ComplogCommand).id as Name
    }
}
