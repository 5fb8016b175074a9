// Certificate and key of a host, checked before anything is started with them.
import { createSecureContext } from 'node:tls'

import { ComplogError } from '../core/errors.js'
import { readNamed } from '../core/store/reading/read-whole.js'

export interface TlsFiles {
    /** As PEM: the certificate, and behind it those that lead to its root. */
    readonly cert: Buffer
    readonly key: Buffer
}

/**
 * Reads both, and tries whether they belong together.
 * @throws ComplogError `file-system`; `usage` where TLS cannot be served with them
 */
export async function readTlsFiles(certPath: string, keyPath: string): Promise<TlsFiles> {
    const cert = await readNamed(certPath)
    const key = await readNamed(keyPath)
    // One after the other, so that it is said which one is wrong.
    tryWith({ cert }, `${certPath} holds no certificate that can be used`, 'Name a certificate in PEM form.')
    tryWith(
        { key },
        `${keyPath} holds no private key that can be used`,
        'Name a private key in PEM form, without a passphrase.',
    )
    tryWith(
        { cert, key },
        `The key ${keyPath} does not belong to the certificate ${certPath}`,
        'Name the key that the first certificate of the file was made for.',
    )
    return { cert, key }
}

function tryWith(files: Partial<TlsFiles>, what: string, hint: string): void {
    try {
        createSecureContext(files)
    } catch (error) {
        throw new ComplogError('usage', `${what}: ${(error as Error).message}.`, { hint, cause: error })
    }
}
