// Flags of the commands that keep an app running on its store.
import * as Flags from '@oclif/core/flags'
import type { InferredFlags } from '@oclif/core/interfaces'

import { ComplogError } from '../../core/errors.js'
import type { PersistentProcessOptions } from '../../core/process/persistent-process.js'
import { defaultReductionInterval } from '../../core/process/reductions.js'
import type { ListenAddress } from '../../host/host.js'
import { durationFlag, valueBy } from './flags.js'

export const processFlags = {
    'failed-events': Flags.string({
        helpValue: 'FILE',
        description:
            'keep events on which the app fails in this file, outside of the store, as `append` reads them',
    }),
    'reduction-interval': durationFlag({
        helpValue: 'TIME',
        description: 'store a reduction after so long, if there were records since [default: 1h]',
        helpGroup: 'REDUCTION',
    }),
    'reduction-records': Flags.integer({
        helpValue: 'N',
        min: 1,
        description: 'store a reduction after so many records as well',
        helpGroup: 'REDUCTION',
    }),
    'keep-reductions': Flags.integer({
        helpValue: 'N',
        min: 1,
        description: 'remove older reductions of the chain when there are more [default: keep all]',
        helpGroup: 'REDUCTION',
    }),
    'accept-state-change': Flags.boolean({
        description: 'go on although the app does not read the state in the store as it was written',
        helpGroup: 'ANOTHER VERSION OF THE APP',
    }),
    'accept-decode-errors': Flags.boolean({
        description: 'go on although the app does not understand many of the recorded events',
        helpGroup: 'ANOTHER VERSION OF THE APP',
    }),
}

export function processOptionsFrom(flags: InferredFlags<typeof processFlags>) {
    return {
        failedEventsPath: flags['failed-events'],
        reductionInterval: {
            milliseconds: flags['reduction-interval'] ?? defaultReductionInterval.milliseconds,
            records: flags['reduction-records'],
        },
        keepReductions: flags['keep-reductions'],
        acceptStateChange: flags['accept-state-change'],
        acceptDecodeErrors: flags['accept-decode-errors'],
    } satisfies PersistentProcessOptions
}

// Where a server listens, as people write it.

/** `127.0.0.1:8080`, `localhost:8080`, `[::1]:8080`; `:8080` for all addresses. Port 0: any free one. */
function parseListenAddress(text: string): ListenAddress {
    const match = /^(?:\[([0-9a-fA-F:.%]+)\]|([^:\s[\]]*)):(\d{1,5})$/.exec(text.trim())
    const port = Number(match?.[3])
    if (!match || port > 65_535)
        throw new ComplogError('usage', `"${text}" is no address to listen on, such as 127.0.0.1:8080.`)
    return { host: (match[1] ?? match[2]) || '::', port }
}

export const listenFlag = Flags.custom<ListenAddress>(valueBy('ADDRESS', parseListenAddress))
