// Where a server listens, as people write it.
import * as Flags from '@oclif/core/flags'

import { ComplogError } from '../../core/errors.js'
import type { ListenAddress } from '../../host/host.js'

/**
 * `127.0.0.1:8080`, `localhost:8080`, `[::1]:8080`; `:8080` for all addresses of the machine. Port 0: any
 * free one.
 */
function parseListenAddress(text: string): ListenAddress {
    const match = /^(?:\[([0-9a-fA-F:.%]+)\]|([^:\s[\]]*)):(\d{1,5})$/.exec(text.trim())
    const port = Number(match?.[3])
    if (!match || port > 65_535)
        throw new ComplogError('usage', `"${text}" is no address to listen on, such as 127.0.0.1:8080.`)
    return { host: (match[1] ?? match[2]) || '::', port }
}

export const listenFlag = Flags.custom<ListenAddress>({
    helpValue: 'ADDRESS',
    parse: (text) => Promise.resolve(parseListenAddress(text)),
})
