import { existsSync } from 'node:fs'
import { join } from 'node:path'

import * as Flags from '@oclif/core/flags'
import type { InferredFlags } from '@oclif/core/interfaces'

import { type Answer, ComplogCommand } from '../cli/base-command.js'
import { exitCodeHelp, writingFiles } from '../cli/exit-codes.js'
import { headFlag, limitFlags, limitsFrom, refFlag, refHelp, storeArgument } from '../cli/flags/flags.js'
import { renderFiles } from '../cli/render/files.js'
import { readZip } from '../core/elm-app/source/zip-archive.js'
import { ComplogError } from '../core/errors.js'
import { type DeployedApp, deployedApp, filesOfApp } from '../core/later/contents/deployed-app.js'
import { readLaterUpTo } from '../core/later/contents/row-at.js'
import { writeNewFolder } from '../core/rewrite/new-folder.js'
import { refuseStore, refuseWithin } from '../core/rewrite/outside-store.js'
import { openStoreToRead } from '../core/store/process-store.js'
import { laterStoreAt } from '../core/store/recognise.js'

/** Where hosts of 2020-03-31 to 2020-04 kept the app that they ran. */
const zipBesideStore = 'public-web-app-config.zip'

interface AppFound {
    readonly files: ReadonlyMap<string, Uint8Array>
    /** Absent where it lies beside the store. */
    readonly deployed?: DeployedApp
}

export default class Files extends ComplogCommand<'files'> {
    static override readonly id = 'files'
    static readonly summary = 'Write the files of the app, as they were deployed.'
    static readonly description =
        `Hosts since 2020-05 keep the app in the store, with each version that was deployed: its sources, and what else it was deployed with. The files are written as they were, at their paths below DIR.

Names that lead out of DIR, or would be one file where case does not count, are refused, and nothing is written. Of hosts of 2020-03-31 to 2020-04 it is the app that they ran last.

${refHelp}

${exitCodeHelp(writingFiles)}`
    static readonly usage = '<%= command.id %> STORE [--at REF] [--head REF] --output DIR'
    static readonly examples = [
        '<%= config.bin %> <%= command.id %> process-store --output app',
        '<%= config.bin %> <%= command.id %> process-store --at @2022-04-03 --output app',
    ]
    static readonly args = storeArgument
    static readonly flags = {
        at: refFlag({ description: 'the app that ran after this record [default: head]' }),
        head: headFlag,
        output: Flags.string({
            helpValue: 'DIR',
            description: 'write into this new or empty folder',
            required: true,
        }),
        ...limitFlags,
    }

    protected override async answer(): Promise<Answer<'files'>> {
        const { args, flags } = await this.parse(Files)
        const { output } = flags
        const begin = performance.now()
        const { files, deployed } = await this.#appOf(args.store, flags)
        this.holdSignals()
        await writeNewFolder({ output, command: 'files', files })
        const sizes = [...files].map(([path, { length }]) => ({ path, sizeBytes: length }))
        const result = {
            output,
            app: deployed?.app ?? null,
            record: deployed === undefined ? null : { hash: deployed.hash, position: deployed.position },
            saidBy: deployed?.kind ?? ('zip' as const),
            files: sizes,
            milliseconds: performance.now() - begin,
        }
        return { yes: true, result, text: (style) => renderFiles(result, style) }
    }

    async #appOf(path: string, flags: InferredFlags<typeof Files.flags>): Promise<AppFound> {
        const { output, at, head } = flags
        const later = laterStoreAt(path)
        if (later !== undefined) {
            await refuseWithin(later.root, output, '--output')
            const read = await readLaterUpTo(later, { ...this.work, head })
            this.noteFindings(read.log.findings.list)
            const deployed = deployedApp(read, at)
            return { files: filesOfApp(read.values, deployed.app), deployed }
        }
        const store = await openStoreToRead(path, limitsFrom(flags))
        await refuseStore(store, output, '--output')
        const zip = join(path, zipBesideStore)
        if (!existsSync(zip))
            throw new ComplogError(
                'generation-not-read',
                `Hosts of 2018-11 to 2020-03 keep no app in the store, and ${zipBesideStore} of later ones is not there.`,
                { hint: 'Look for its files where it was deployed from.' },
            )
        if (at !== undefined || head !== undefined)
            throw new ComplogError('generation-not-read', `${zip} has the app that ran last, and no other.`, {
                hint: 'Leave out --at and --head.',
            })
        return { files: (await readZip({ origin: zip, path: zip }, () => true)).files }
    }
}
