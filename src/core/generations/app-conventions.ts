// How hosts found the app in its sources: it changed more often than the stores did.
import type { AppConvention } from './generation.js'

/** Four functions; hosts since 2020-06 made those for the state themselves where they were not there. */
const interfaceToHost = 'interfaceToHost_processEvent'
const declaresInterface = /^interfaceToHost_processEvent\s/m

/** Until 2020-06-19. */
export const httpRequest: AppConvention = {
    wanted: `${interfaceToHost}, for events named httpRequest`,
    patterns: [declaresInterface, /"httpRequest"/],
}

export const httpRequestEvent: AppConvention = {
    wanted: `${interfaceToHost}, for events named HttpRequestEvent`,
    patterns: [declaresInterface, /"HttpRequestEvent"/],
}

export const backendMain: AppConvention = { wanted: 'backendMain', patterns: [/^backendMain\s/m] }

export const webServerMain: AppConvention = {
    wanted: 'webServerMain or webServiceMain',
    patterns: [/^web(?:Server|Service)Main\s/m],
}
