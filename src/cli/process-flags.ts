// Flags of the commands that keep an app running on its store.
import * as Flags from '@oclif/core/flags'

import { defaultReductionInterval } from '../core/process/reductions.js'
import type { PersistentProcessOptions } from '../core/process/persistent-process.js'
import { durationFlag } from './flags.js'
import { countOf, formatMilliseconds } from './units.js'

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
}

export interface ProcessFlagValues {
    readonly 'failed-events'?: string | undefined
    readonly 'reduction-interval'?: number | undefined
    readonly 'reduction-records'?: number | undefined
    readonly 'keep-reductions'?: number | undefined
}

export function processOptionsFrom(
    flags: ProcessFlagValues,
): Pick<PersistentProcessOptions, 'failedEventsPath' | 'reductionInterval' | 'keepReductions'> {
    return {
        failedEventsPath: flags['failed-events'],
        reductionInterval: {
            milliseconds: flags['reduction-interval'] ?? defaultReductionInterval.milliseconds,
            records: flags['reduction-records'],
        },
        keepReductions: flags['keep-reductions'],
    }
}

export function restoredText({ records, milliseconds }: { records: number; milliseconds: number }): string {
    return `Restored in ${formatMilliseconds(milliseconds)}, ${countOf(records, 'record')} replayed.`
}
