import assert from 'node:assert/strict'
import { test } from 'node:test'

import { PieceReader, pieceSettings } from '../../../../src/core/fast/pieces/piece-reader.js'
import { compileScanner, takeScanner } from '../../../../src/core/fast/scanner/scanner.js'
import { openProcessStore } from '../../../../src/core/store/process-store.js'
import { counterLog } from '../../../support/log-writer.js'
import { makeStore } from '../../../support/stores.js'
import { temporaryFolder } from '../../../support/temporary.js'

test('a reader gives its scanner back once, and reads nothing with what others have by then', async (t) => {
    const module = compileScanner()
    assert.ok(module)
    const store = await openProcessStore(makeStore(temporaryFolder(t), counterLog(3).lines))
    const reader = new PieceReader(module, pieceSettings(store, {}))
    const { scanner } = reader
    assert.equal(reader.read(0).kind, 'read')
    reader.close()
    assert.equal(takeScanner(module), scanner)
    reader.close()
    assert.notEqual(takeScanner(module), scanner)
    assert.throws(() => reader.read(0), /closed/)
})
