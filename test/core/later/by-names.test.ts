// A store since 2020-05 of which the log files are known by their names alone is found to be what it is.
import assert from 'node:assert/strict'
import { linkSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { after, describe, test } from 'node:test'

import { readLater, readLaterByNames } from '../../../src/core/later/reading/read-later.js'
import { hashOfBlob } from '../../../src/core/later/values/value.js'
import { checkRead } from '../../../src/core/later/verify-later.js'
import { hasUnseen } from '../../../src/core/store/listing/unseen-files.js'
import { laterStoreAt } from '../../../src/core/store/recognise.js'
import { laterStoreNames, unpackLater } from '../../support/later-stores.js'
import { temporaryFolder } from '../../support/temporary.js'
import { thinned } from '../../support/thinned.js'

const folder = temporaryFolder({ after })
const third = laterStoreNames.filter((_, i) => i % 3 === 0)
const minute = (file: number) => `2022-03-20/2022-03-20T00-${String(file).padStart(2, '0')}`

/** Gives whether the log was read by the names of its files. */
async function agreed(path: string): Promise<{ isByNames: boolean; findings: readonly string[] }> {
    const store = laterStoreAt(path)
    assert.ok(store)
    const whole = checkRead(await readLater(store))
    const byNames = checkRead(await readLaterByNames(store, {}, 2))
    const outline = ({ findings, records, head, kinds, orphans, live, log }: typeof whole) => ({
        findings: findings.list,
        ...{ records, head, kinds, orphans, void: live.void, files: log.files, sizeBytes: log.sizeBytes },
    })
    assert.deepEqual(outline(byNames), outline(whole))
    return {
        isByNames: hasUnseen(byNames.listed.logFiles),
        findings: whole.findings.list.map(({ id }) => id),
    }
}

describe('log files known by their names alone, of stores since 2020-05', () => {
    for (const name of thinned(third, laterStoreNames)) {
        test(`say the same of ${name}`, async () => {
            await agreed(unpackLater(name, folder))
        })
    }

    /** A store of events alone, one a minute, enough for the fast reader. */
    const events = (name: string) => {
        const log = join(folder, name, 'composition-log/literal')
        mkdirSync(join(log, dirname(minute(0))), { recursive: true })
        let parent = ''
        for (let file = 0; file < 60; file++) {
            const named = parent === '' ? '' : `"parentHashBase16":"${parent}",`
            const text = `"${'x'.repeat(300)}${file}"`
            const line = `{${named}"compositionEvent":{"UpdateElmAppStateForEvent":{"LiteralStringUtf8":${text}}}}`
            parent = hashOfBlob(Buffer.from(line))
            writeFileSync(join(log, minute(file)), `${line}\n`)
        }
        return log
    }

    test('need no look in a sound log', async () => {
        const store = join(events('sound'), '../..')
        assert.deepEqual(await agreed(store), { isByNames: true, findings: ['unrestorable-chain'] })
    })

    test('are told from second names of others, and from files without a record', async () => {
        const doubled = events('doubled')
        linkSync(join(doubled, minute(30)), join(doubled, `${minute(30)}x`))
        const { findings } = await agreed(join(doubled, '../..'))
        assert.ok(findings.includes('second-path'), findings.join())
        const empty = events('empty')
        writeFileSync(join(empty, `${minute(30)}x`), '')
        linkSync(join(empty, `${minute(30)}x`), join(empty, `${minute(31)}x`))
        assert.ok((await agreed(join(empty, '../..'))).findings.includes('second-path'))
    })
})
