// What hosts kept in a store beside the log, and how: it changed more often than the log did.
import type {
    AppConvention,
    AppTreeForm,
    HostsOfGeneration,
    ValueFolders,
    WrittenForm,
} from './generation.js'

export const plain: ValueFolders = { folder: 'component' }
export const packed: ValueFolders = { folder: 'component', deflatedFolder: 'deflated-component' }
export const literal: ValueFolders = { folder: 'literal-element', deflatedFolder: 'deflated-literal-element' }

export const inElmApp: AppTreeForm = { names: 'utf-8', below: 'elm-app', filesFirst: true }
export const utf8: AppTreeForm = { names: 'utf-8' }
export const codePoints: AppTreeForm = { names: 'code-points' }

/** Four functions; hosts since 2020-06 made those for the state themselves where they were not there. */
const interfaceToHost = 'interfaceToHost_processEvent'
const declaresInterface = /^interfaceToHost_processEvent\s/m

/** Until 2020-06-19. */
export const httpRequest: AppConvention = {
    wanted: `${interfaceToHost}, for events named httpRequest`,
    patterns: [declaresInterface, /"httpRequest"/],
    isWhole: true,
}

export const httpRequestEvent: AppConvention = {
    wanted: `${interfaceToHost}, for events named HttpRequestEvent`,
    patterns: [declaresInterface, /"HttpRequestEvent"/],
    isWhole: true,
}

export const backendMain: AppConvention = { wanted: 'backendMain', patterns: [/^backendMain\s/m] }

export const webServerMain: AppConvention = {
    wanted: 'webServerMain or webServiceMain',
    patterns: [/^web(?:Server|Service)Main\s/m],
}

/** @param days of the hosts that start on it; the first says what it is called */
export function formOf(days: string, kept: NonNullable<WrittenForm['kept']>): WrittenForm {
    return { from: days.slice(0, 'yyyy-mm-dd'.length), hosts: `of ${days}`, kept }
}

/** What hosts until 2021-07 do where a value is not what it should be. */
export const withoutValues: Pick<
    HostsOfGeneration,
    'missingValue' | 'alteredValue' | 'reductionWithoutState'
> = {
    missingValue:
        'Does not start ("Not found in store") where it is named behind the newest usable reduction.',
    alteredValue:
        'Does not start ("Content hash does not match") where it is named behind the newest usable reduction.',
    reductionWithoutState: 'Passes over it, to the next older one.',
}
