import * as Flags from '@oclif/core/flags'

import { type Answer, ComplogCommand } from '../cli/base-command.js'
import { exitCodeHelp, writingWithApp } from '../cli/exit-codes.js'
import {
    appFlags,
    headFlag,
    limitsFrom,
    refFlag,
    refHelp,
    storeArgument,
    valueBy,
} from '../cli/flags/flags.js'
import { renderConvert } from '../cli/render/convert.js'
import { stateIn } from '../cli/state-file.js'
import { convert } from '../core/convert/convert.js'
import { type Target, targetAt } from '../core/convert/targets.js'
import { readWholeApp } from '../core/elm-app/source/whole-app.js'
import { ComplogError } from '../core/errors.js'
import { openStoreToRead } from '../core/store/process-store.js'
import { laterStoreAt } from '../core/store/recognise.js'

const targetFlag = Flags.custom<Target>(valueBy('GENERATION', targetAt))

export default class Convert extends ComplogCommand<'convert'> {
    static override readonly id = 'convert'
    static readonly summary = 'Write a new store for hosts of another time, which start in the same state.'
    static readonly description =
        `The new store has one record that sets the state, behind one that deploys the app where its hosts keep that. The events of the old store do not come along, and the old store stays as it is.

GENERATION is a day on which the new host was released, or a month or a year, of which the last day counts: 2019-04-15 to 2020-04, 2020-05-01, 2020-05-06 and so on to 0.3.34 of 2024.

The state is what the old store gives: of hosts until 2020-04 by replay with --app, since 2020-05 as \`complog replay\` finds it. Or it is given with --state.

The app is that of the old store, or --app where the new hosts look for another one.

${refHelp}

${exitCodeHelp(writingWithApp)}`
    static readonly usage = [
        '<%= command.id %> STORE --to GENERATION --output DIR [--app APP] [--replay-app OLD] [--until REF]',
        '<%= command.id %> STORE --to GENERATION --output DIR [--app APP] --state FILE',
    ]
    static readonly examples = [
        '<%= config.bin %> <%= command.id %> process-store --app app --to 2021-07 --output new-store',
        '<%= config.bin %> <%= command.id %> store --replay-app old --app new --to 2022-03 --output out',
    ]
    static readonly args = storeArgument
    static readonly flags = {
        to: targetFlag({ description: 'the hosts that the new store is for', required: true }),
        output: Flags.string({
            helpValue: 'DIR',
            description: 'write the new store into this new or empty folder',
            required: true,
        }),
        state: Flags.string({
            helpValue: 'FILE',
            description: 'begin with the state in this file',
            exclusive: ['until', 'head', 'replay-app'],
        }),
        until: refFlag({ description: 'begin with the state after this record [default: head]' }),
        head: headFlag,
        'accept-state-change': Flags.boolean({
            description: 'write the store also where the new app reads the state as another one',
        }),
        ...appFlags,
        app: Flags.string({
            helpValue: 'APP',
            description: 'app of the new store: folder or zip [default: the app in the old store]',
        }),
        'replay-app': Flags.string({
            helpValue: 'OLD',
            description: 'app that wrote the log, where it is not that of --app',
        }),
    }

    protected override async answer(): Promise<Answer<'convert'>> {
        const { args, flags } = await this.parse(Convert)
        const { to: target, output, until, head } = flags
        const begin = performance.now()
        const later = laterStoreAt(args.store)
        if (later !== undefined && head !== undefined)
            throw new ComplogError('usage', '--head is not for stores of this generation.')
        const source = later ?? (await openStoreToRead(args.store, limitsFrom(flags)))
        const state = flags.state && (await stateIn(flags.state))
        // The app of a later store lies in it.
        const app =
            flags['replay-app'] ?? (later === undefined && state === undefined ? flags.app : undefined)
        const replayApp = await this.loadAppIfNamed({ ...flags, app })
        const load = (files: ReadonlyMap<string, Uint8Array>, origin: string) =>
            this.loadApp({ ...flags, app: origin, files })
        const appFiles = target.form.kept && flags.app ? await readWholeApp(flags.app) : undefined
        this.holdSignals()
        const acceptStateChange = flags['accept-state-change']
        const options = {
            ...this.work,
            acceptStateChange,
            target,
            output,
            until,
            head,
            state,
            replayApp,
            load,
            app: appFiles,
        }
        const { notes, state: text, ...converted } = await convert(source, options)
        for (const sentence of notes) this.note(sentence)
        const result = {
            output,
            generation: target.generation.id,
            form: target.form.from,
            hosts: target.form.hosts,
            ...converted,
            stateSizeBytes: Buffer.byteLength(text),
            milliseconds: performance.now() - begin,
        }
        return { yes: true, result, text: (style) => renderConvert(result, style) }
    }
}
