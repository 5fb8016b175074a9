import * as Flags from '@oclif/core/flags'
import type { InferredFlags } from '@oclif/core/interfaces'

import { type Answer, ComplogCommand } from '../cli/base-command.js'
import { exitCodeHelp, exitCodeOf, withApp } from '../cli/exit-codes.js'
import { appFlags, limitsFrom, storeArgument } from '../cli/flags/flags.js'
import { verifyChainResult, verifyLaterResult } from '../cli/json/from-core.js'
import type { ResultOf } from '../cli/json/results.js'
import { renderVerifyChain, renderVerifyLater } from '../cli/render/verify-chain.js'
import { hashFromHex, type ValueHash } from '../core/composition/hash.js'
import { ComplogError } from '../core/errors.js'
import { decodeErrorsText, notUnderstood } from '../core/restore/understanding.js'
import { type VerifiedStore, verifyStore } from '../core/restore/verify-store.js'
import { openStoreByNames, type ProcessStore } from '../core/store/process-store.js'
import { mayComeOfCut, readUncut } from '../core/store/read-uncut.js'
import { type LaterStore, laterStoreAt } from '../core/store/recognise.js'

export default class VerifyChain extends ComplogCommand<'verify-chain'> {
    static override readonly id = 'verify-chain'
    static readonly summary = 'Check every record, every link and every reduction of a process store.'
    static readonly description =
        `Goes on past errors and reports all of them, each with a stable id, its place, what a Kalmit host would do, and what helps. With --app it replays the log as well and compares every reduction with what the app says, and warns of events that the app does not understand.

A store of elm-fullstack, elm-time or Pine, from 2020-05 on, is checked by the rules of its own generation: docs/format.md has them, and what such a store cannot show. There --app stands for the app of the newest deployment, and works where \`replay --app\` does.

A chain cannot show that its newest records were cut off or changed as a whole: compare with a head that you know, by --expect-head.

${exitCodeHelp(withApp)}`
    static readonly examples = [
        '<%= config.bin %> <%= command.id %> process-store',
        '<%= config.bin %> <%= command.id %> process-store --app app --json',
    ]
    static readonly args = storeArgument
    static readonly flags = {
        'expect-head': Flags.string({
            helpValue: 'HASH',
            description: 'the hash that the newest record must have',
        }),
        ...appFlags,
    }

    protected override async answer(): Promise<Answer<'verify-chain'>> {
        const { args, flags } = await this.parse(VerifyChain)
        const expectHead = flags['expect-head'] === undefined ? undefined : fullHash(flags['expect-head'])
        const later = laterStoreAt(args.store)
        if (later !== undefined) return this.#answerOfLater(later, flags)
        const opened = await openStoreByNames(args.store, limitsFrom(flags))
        const app = await this.loadAppIfNamed(flags)
        let begin = 0
        const verify = (store: ProcessStore) => {
            begin = performance.now()
            return verifyStore(store, { ...this.work, expectHead, app })
        }
        const isSuspect = ({ findings }: VerifiedStore) => mayComeOfCut(findings.list)
        const verified = await readUncut(opened, verify, { isSuspect })
        const result = verifyChainResult(verified, performance.now() - begin)
        this.#doubtEmpty(result)
        if (app && !verified.isOneChain)
            this.note('The reductions were not compared with replay: the log is not one chain.')
        const events = verified.reductionsByReplay?.events
        const place = events?.firstDecodeError?.record.place
        if (events !== undefined && place !== undefined) this.note(decodeErrorsText(events), place)
        return { ...outcomeOf(verified), result, text: (style) => renderVerifyChain(result, style) }
    }

    async #answerOfLater(store: LaterStore, flags: LaterFlags): Promise<Answer<'verify-chain'>> {
        const { verifyLater } = await import('../core/later/verify-later.js')
        const expectHead = flags['expect-head']?.toLowerCase() as ValueHash | undefined
        const begin = performance.now()
        let verified = await verifyLater(store, { ...this.work, expectHead, goesOn: true })
        let proven: number | null = null
        let failed: ComplogError | undefined
        if (flags.app !== undefined) {
            const { checkLaterReductions } = await import('../core/restore/later/check-later-reductions.js')
            try {
                const checked = await checkLaterReductions(verified, () => this.loadApp(flags), this.work)
                const findings = verified.findings.plus(checked.findings)
                verified = { ...verified, findings, isSound: findings.counts.error === 0 }
                proven = checked.proven
                for (const sentence of checked.notCompared) this.note(sentence)
                if (checked.firstDecodeError !== undefined)
                    this.note(notUnderstood(checked.decodeErrors), checked.firstDecodeError)
            } catch (error) {
                // What was found without the app is told all the same.
                const isTold = error instanceof ComplogError && error.code !== 'interrupted'
                if (!isTold || verified.findings.list.length === 0) throw error
                failed = error
                const { message, hint = '', place } = error
                this.note(`The reductions were not compared with replay: ${message} ${hint}`.trim(), place)
            }
        }
        const result = verifyLaterResult(verified, proven, performance.now() - begin)
        this.#doubtEmpty(result)
        const outcome = failed ? { yes: false, exitCode: exitCodeOf(failed.code) } : outcomeOf(verified)
        return { ...outcome, result, text: (style) => renderVerifyLater(result, style) }
    }

    #doubtEmpty({ records, findings }: Pick<ResultOf<'verify-chain'>, 'records' | 'findings'>): void {
        if (records === 0 && findings.length === 0)
            this.note('There is no record at all: is this the right folder, and is its disk mounted?')
    }
}

/** Where not all was read, nobody can say what else is wrong. */
function outcomeOf({ isSound, findings }: Pick<VerifiedStore, 'isSound' | 'findings'>) {
    const exitCode = findings.count('unreadable-file') > 0 ? exitCodeOf('file-system') : undefined
    return { yes: isSound, exitCode }
}

type LaterFlags = InferredFlags<typeof VerifyChain.flags>

function fullHash(text: string) {
    const hash = hashFromHex(text)
    if (hash === undefined) {
        throw new ComplogError('usage', `--expect-head takes a whole hash of 64 hex digits, not "${text}".`, {
            hint: 'A shorter one could be met by chance or by malice.',
        })
    }
    return hash
}
