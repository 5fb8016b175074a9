import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'

import { pieceSettings } from '../../../../src/core/fast/pieces/piece-reader.js'
import { compileScanner } from '../../../../src/core/fast/scanner/scanner.js'
import { packSetup, unpackSetup } from '../../../../src/core/fast/threads/piece-worker.js'
import { openProcessStore } from '../../../../src/core/store/process-store.js'
import { counterLog, logFile } from '../../../support/log-writer.js'
import { temporaryFolder, writeFiles } from '../../../support/temporary.js'

const { lines } = counterLog(4)

test('what threads are told of the files of a log is what there is to know, wherever the files are', async (t) => {
    const folder = temporaryFolder(t)
    for (const [i, line] of lines.entries())
        writeFiles(folder, { [`composition/${i % 2 === 0 ? 'a/' : ''}${i} ä`]: logFile([line]) })
    const store = await openProcessStore(folder)
    const cut = store.logFiles.map((file, i) => (i === 1 ? file.with({ beginBytes: 7 }) : file))
    const moved = cut.map((file, i) => (i === 2 ? file.with({ absolutePath: join(folder, 'away') }) : file))
    for (const logFiles of [store.logFiles, cut, moved, []]) {
        const setup = { scanner: compileScanner()!, settings: pieceSettings({ ...store, logFiles }, {}) }
        const { settings, ...rest } = unpackSetup(
            structuredClone(packSetup({ ...setup, scanner: [] as never })),
        )
        assert.deepEqual(
            settings.files.map(({ path, absolutePath, sizeBytes, beginBytes = 0 }) => {
                return { path, absolutePath, sizeBytes, beginBytes }
            }),
            logFiles.map(({ path, absolutePath, sizeBytes, beginBytes = 0 }) => {
                return { path, absolutePath, sizeBytes, beginBytes }
            }),
        )
        assert.deepEqual({ ...settings, files: [] }, { ...setup.settings, files: [] })
        assert.deepEqual(Object.keys(rest), ['scanner'])
    }
})
