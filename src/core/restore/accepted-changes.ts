// Where a change of the app was accepted (see process/accept-change), the reductions before are those of the
// app of before. A file beside the log names the records that began with such a change, so that it holds for
// whoever comes later.
import { join } from 'node:path'

import type { Chain } from '../check/chain.js'
import type { Finding } from '../composition/finding.js'
import { type CompositionHash, hashFromHex, shortHash } from '../composition/hash.js'
import { type Staging, withStaging } from '../store/durable/staging.js'
import { stagingFolderName } from '../store/durable/store-lock.js'
import { readTextIfThere } from '../store/reading/read-part.js'

/** A record that set the state as another version of the app has it. */
export interface AcceptedChange {
    readonly hash: CompositionHash
    /** In the chain, from 1. */
    readonly position: number
}

function fileIn(root: string): string {
    return join(root, stagingFolderName, 'accepted-changes')
}

/**
 * To be called before the record is written: of a record that then is none, the word means nothing.
 * @param hash of the record that sets the state as the app of now has it
 */
export async function rememberAcceptedChange(
    root: string,
    command: string,
    hash: CompositionHash,
): Promise<void> {
    const text = `${[...(await acceptedIn(root)), hash].join('\n')}\n`
    const write = async (staging: Staging) => {
        await staging.commit(await staging.stage(fileIn(root), Buffer.from(text)))
    }
    await withStaging({ root, command, kind: 'reductions' }, write)
}

async function acceptedIn(root: string): Promise<readonly CompositionHash[]> {
    const text = await readTextIfThere(fileIn(root))
    return text.split('\n').flatMap((line) => hashFromHex(line) ?? [])
}

/**
 * The newest record of the chain that began with an accepted change. What stands before it may be readable by
 * the app of before alone, so no process removes any of it by itself.
 */
export async function newestAccepted(root: string, chain: Chain): Promise<AcceptedChange | undefined> {
    let newest: AcceptedChange | undefined
    for (const hash of await acceptedIn(root)) {
        const [position = 0] = await chain.find(hash)
        if (position > (newest?.position ?? 0)) newest = { hash, position }
    }
    return newest
}

/**
 * What the app of now says of a reduction from before: a note, since only the app of before can say more, and
 * no advice to write it anew, since that would cost what the app of before reads.
 */
export function noteOfAppBefore(found: Finding, { hash }: AcceptedChange): Finding {
    return {
        ...found,
        severity: 'note',
        host: 'Does not start from it: a newer record sets the state.',
        help: `Leave it as it is. It is from before the record ${shortHash(hash)}…, with which a change of the app was accepted, so it is the app of before that reads it: verify it with that one.`,
    }
}
