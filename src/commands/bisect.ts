import { existsSync } from 'node:fs'

import * as Flags from '@oclif/core/flags'
import type { InferredFlags } from '@oclif/core/interfaces'

import { type Answer, ComplogCommand } from '../cli/base-command.js'
import { exitCodeHelp, withAppAndRun } from '../cli/exit-codes.js'
import { argumentsOfRun } from '../cli/flags/arguments.js'
import { appFlags, headFlag, limitsFrom, refFlag, refHelp, storeArgument } from '../cli/flags/flags.js'
import { bisectResult } from '../cli/json/from-core.js'
import type { ResultOf } from '../cli/json/results.js'
import { renderBisect } from '../cli/render/bisect.js'
import { commandText, type ScriptWords, stateScript } from '../cli/state-script.js'
import { bisect, type StateToTest, type Verdict, type Wanted } from '../core/bisect/bisect.js'
import { Condition } from '../core/condition/condition.js'
import { ComplogError } from '../core/errors.js'
import { type ListedStore, openStoreToRead } from '../core/store/process-store.js'
import { readUncut } from '../core/store/read-uncut.js'

/** A command takes time: of a few more tests, one alone is more than by halves. */
const probesOfRun = 4
const probesOfExpression = 16

type BisectFlags = InferredFlags<typeof Bisect.flags>

interface Looked {
    readonly wanted: Wanted
    readonly condition: ResultOf<'bisect'>['condition']
    readonly expression?: Condition
}

export default class Bisect extends ComplogCommand<'bisect'> {
    static override readonly id = 'bisect'
    static readonly summary = 'Find the first record that made the state bad.'
    static readonly description =
        `Replays once, keeps states on the way, and tests a few of them. Prints the record, its events and responses, and what it changed in the state. Tests that record and the one before it again at the end.

--where EXPR is an expression of JavaScript over \`state\`, which is parsed where it is JSON: where it is true, the state is bad.

--run CMD must come last: all that follows it is the command, or, as --run='LINE', a line for the shell. It gets the state on stdin, and says by its exit code what the state is: 0 good, 1 to 124, 126 or 127 bad, 125 neither, so that another state is tested; from 128 on the search is given up, as \`git bisect run\` does. In its environment, COMPLOG_REF names the record.

${refHelp}

${exitCodeHelp(withAppAndRun)}`
    static readonly usage = [
        '<%= command.id %> STORE --app APP --where EXPR [--good REF] [--bad REF] [--exact]',
        '<%= command.id %> STORE --app APP [--good REF] [--bad REF] [--exact] --run CMD...',
        '<%= command.id %> STORE --app APP (--decode-error | --fails) [--good REF] [--bad REF]',
    ]
    static readonly examples = [
        `<%= config.bin %> <%= command.id %> process-store --app app --where 'state.orders.length > 5'`,
        `<%= config.bin %> <%= command.id %> process-store --app app --run jq -e '.orders | length < 5'`,
        '<%= config.bin %> <%= command.id %> process-store --app app --good @2019-04-28 --run ./test.sh',
        '<%= config.bin %> <%= command.id %> process-store --app app --decode-error',
    ]
    static readonly args = storeArgument
    static readonly flags = {
        where: Flags.string({
            helpValue: 'EXPR',
            description: 'an expression of JavaScript that is true of a bad `state`',
            exclusive: ['run', 'decode-error', 'fails'],
        }),
        run: Flags.string({
            helpValue: 'CMD...',
            description: 'a command that tests the state on its stdin',
            exclusive: ['decode-error', 'fails'],
        }),
        'decode-error': Flags.boolean({
            description: 'the first event that the app does not understand: it answers decodeError',
            exclusive: ['fails', 'exact'],
        }),
        fails: Flags.boolean({
            description: 'the first record on which the app throws, or runs out of time or memory',
            exclusive: ['exact'],
        }),
        good: refFlag({
            description: 'after this record the state is still good [default: the oldest state]',
        }),
        bad: refFlag({ description: 'after this record it is bad [default: head]' }),
        head: headFlag,
        exact: Flags.boolean({
            default: false,
            description: 'test every state from the good one on, for one that was bad for a while',
        }),
        ...appFlags,
    }

    protected override async answer(): Promise<Answer<'bisect'>> {
        const { args, flags } = await this.parse(Bisect)
        const begin = performance.now()
        const { wanted, condition, expression } = await this.#looked(flags)
        try {
            const opened = await openStoreToRead(args.store, limitsFrom(flags))
            const app = await this.loadApp(flags)
            const { good, bad, head, exact } = flags
            const { findings, ...bisected } = await readUncut(opened, (store: ListedStore) =>
                bisect(store, app, { ...this.work, ...wanted, good, bad, head }),
            )
            this.noteFindings(findings)
            const milliseconds = performance.now() - begin
            const result = bisectResult(bisected, { condition, exact, milliseconds })
            return {
                yes: bisected.outcome === 'found' || bisected.outcome === 'one-of',
                result,
                text: (style) => renderBisect(result, style),
            }
        } finally {
            await expression?.close()
        }
    }

    async #looked(flags: BisectFlags): Promise<Looked> {
        const { where, run, fails, 'decode-error': decodeError } = flags
        const words = this.#command(run)
        const ways = [where !== undefined, words !== undefined, decodeError, fails]
        if (ways.filter(Boolean).length !== 1) {
            const message = 'Which state is bad? One of --where, --run, --decode-error and --fails says it.'
            throw new ComplogError('usage', message, { hint: "Such as --where 'state.orders.length > 5'." })
        }
        if (where !== undefined) return this.#lookedWhere(where, flags)
        if (words !== undefined) return this.#lookedByRun(words, flags)
        const kind = fails ? 'fails' : 'decode-error'
        return { wanted: { kind }, condition: { kind, text: null } }
    }

    /** A condition that is none is told before the replay. */
    async #lookedWhere(where: string, { exact, ...flags }: BisectFlags): Promise<Looked> {
        const expression = await Condition.start(where, {
            available: ['state'],
            unavailable: 'Here states are tested; `complog search --where` looks at events as well.',
            limits: limitsFrom(flags),
            signal: this.work.signal,
        })
        const test = async ({ state, position }: StateToTest): Promise<Verdict> => {
            const nameOf = () => (position === 0 ? 'the initial state' : `the state after #${position}`)
            const [isBad] = await expression.test([{ state }], nameOf)
            return isBad === 1 ? 'bad' : 'good'
        }
        return {
            wanted: { kind: 'state', test, probes: probesOfExpression, exact },
            condition: { kind: 'where', text: where },
            expression,
        }
    }

    #lookedByRun(words: ScriptWords, { exact }: BisectFlags): Looked {
        const script = stateScript(words, this.work.signal)
        const test: typeof script = async (state) => {
            // It must not go on alone, nor print into the line of the progress.
            this.holdSignals()
            await this.stopProgress()
            return script(state)
        }
        return {
            wanted: { kind: 'state', test, probes: probesOfRun, exact },
            condition: { kind: 'run', text: commandText(words) },
        }
    }

    /** What stands behind `--run`, or in `--run=LINE`. */
    #command(line: string | undefined): ScriptWords | undefined {
        const words = argumentsOfRun(this.argv)
        if (words !== undefined && line !== undefined)
            throw new ComplogError('usage', '--run is there twice.', {
                hint: 'One command can test a state.',
            })
        if (words !== undefined && (words[0] ?? '') === '')
            throw new ComplogError('usage', '--run is there without a command behind it.')
        // Who puts the whole command between quotes means the shell.
        const [first = ''] = words ?? []
        if (words?.length === 1 && /\s/.test(first) && !existsSync(first)) return first
        return words ?? line
    }
}
