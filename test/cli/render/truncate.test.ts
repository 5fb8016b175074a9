import assert from 'node:assert/strict'
import { test } from 'node:test'

import { Chalk } from 'chalk'

import { renderTruncated } from '../../../src/cli/render/truncate.js'
import { genesis } from '../../../src/core/composition/hash.js'

const style = { chalk: new Chalk({ level: 0 }), columns: 80 }

/** Of 5000 bytes that were removed, this many were copied into the archive now. */
function toldOf(archivedBytes: number): string {
    const text = renderTruncated(
        {
            oldest: { hash: genesis, position: 11 },
            records: { removed: 10, kept: 1 },
            files: { removed: 0, cut: 1, kept: 0 },
            sizeBytes: { removed: 5000, kept: 500 },
            reductionsRemoved: 0,
            dryRun: false,
            proven: true,
            archive: { path: 'history', sizeBytes: archivedBytes },
            milliseconds: { check: 1, prove: 1, archive: 1, cut: 1 },
        },
        style,
    )
    return /^Kept in .*$/m.exec(text)?.[0] ?? ''
}

test('what a killed run has archived counts as kept, and is told apart', () => {
    assert.equal(toldOf(5000), 'Kept in history: 5.00 kB.')
    assert.equal(toldOf(2000), 'Kept in history: 5.00 kB, of which 3.00 kB stood there already.')
    assert.equal(toldOf(0), 'Kept in history: 5.00 kB, of which 5.00 kB stood there already.')
})
