import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, symlinkSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { type TestContext, test } from 'node:test'

import { ComplogError } from '../../../src/core/errors.js'
import { layoutOf } from '../../../src/core/store/layout.js'
import { openProcessStore } from '../../../src/core/store/process-store.js'
import { checkAsNobody } from '../../support/check-as-nobody.js'
import { counterLog, logFile, reductionFile } from '../../support/log-writer.js'
import { dailyFile, openAndCheck } from '../../support/stores.js'
import { temporaryFolder, writeFiles } from '../../support/temporary.js'

const log = counterLog(3)
const hourlyFile = '2019-04-28/2019-04-28T09.composition.jsonl'

function storeIn(t: TestContext): string {
    const folder = temporaryFolder(t)
    writeFiles(folder, {
        [`store/composition/${dailyFile}`]: logFile(log.lines),
        [`store/reduction/${log.head}`]: reductionFile(log.head, '6'),
    })
    return join(folder, 'store')
}

async function refusal(path: string): Promise<ComplogError> {
    const error: unknown = await openProcessStore(path).then(
        () => assert.fail(`${path} was opened`),
        (reason: unknown) => reason,
    )
    assert.ok(error instanceof ComplogError)
    return error
}

test('a process store, its composition folder and one of its files name the same log', async (t) => {
    const store = storeIn(t)
    for (const [path, kind, reductions] of [
        [store, 'process-store', 1],
        [`${store}/`, 'process-store', 1],
        [relative(process.cwd(), store), 'process-store', 1],
        [join(store, 'composition'), 'composition-folder', 1],
        [join(store, 'composition', dailyFile), 'log-file', 0],
    ] as const) {
        const checked = await openAndCheck(path)
        assert.equal(checked.store.layout.kind, kind, path)
        assert.equal(checked.store.layout.path, path)
        assert.equal(checked.longest.head, log.head)
        assert.equal(checked.reductions, reductions)
    }
})

test('a folder of log files under any other name is a log without reductions', async (t) => {
    const folder = temporaryFolder(t)
    writeFiles(folder, {
        [`daily/${dailyFile}`]: logFile(log.lines),
        [`hourly/${hourlyFile}`]: logFile(log.lines),
    })
    for (const name of ['daily', 'hourly']) {
        const { layout, logFiles } = await openProcessStore(join(folder, name))
        assert.deepEqual(
            [layout.kind, layout.root, layout.reductionPath],
            ['composition-folder', undefined, undefined],
        )
        assert.equal(logFiles.length, 1)
    }
})

test('a folder with a composition folder, with a reduction folder only, or with nothing is a store', async (t) => {
    const folder = temporaryFolder(t)
    for (const path of ['a/composition', 'b/reduction', 'c', 'd/composition/deep/er']) {
        mkdirSync(join(folder, path), { recursive: true })
        const checked = await openAndCheck(join(folder, path.slice(0, 1)))
        assert.equal(checked.store.layout.root, join(folder, path.slice(0, 1)))
        assert.deepEqual([checked.counts.files, checked.findings.counts.error], [0, 0])
    }
    mkdirSync(join(folder, 'd', 'lone'))
    assert.equal((await layoutOf(join(folder, 'd', 'composition'))).root, join(folder, 'd'))
})

test('a path where nothing is, or something else, is refused with what was looked for', async (t) => {
    const folder = temporaryFolder(t)
    writeFiles(folder, {
        'other/readme.txt': 'hello',
        'files/composition': 'a file',
        'deep/er/and/deeper/2019-04-28.composition.jsonl': logFile(log.lines),
        'a-file': 'not a folder',
    })
    symlinkSync('nowhere', join(folder, 'dangling'))
    symlinkSync('loop', join(folder, 'loop'))
    for (const [path, reason] of [
        ['missing', /there is no such file or folder/],
        ['a-file/below', /there is no such file or folder/],
        ['dangling', /there is no such file or folder/],
        ['other', /neither a folder `composition` nor any file/],
        ['files', /neither a folder `composition` nor any file/],
        ['deep', /neither a folder `composition` nor any file/],
    ] as const) {
        const error = await refusal(join(folder, path))
        assert.equal(error.code, 'no-process-store')
        assert.match(error.message, reason)
        assert.match(error.hint ?? '', /`composition\/` and `reduction\/`/)
    }
    assert.equal((await refusal(join(folder, 'loop'))).code, 'file-system')
})

test('a file that holds no log is read as one, and says so in its findings', async (t) => {
    const folder = temporaryFolder(t)
    writeFiles(folder, { 'a-file': 'not a log\n' })
    const { findings } = await openAndCheck(join(folder, 'a-file'))
    assert.deepEqual(
        findings.list.map(({ id, place }) => [id, place?.file]),
        [['malformed-record', 'a-file']],
    )
})

test('a pipe is refused, not waited for', { skip: process.platform === 'win32' }, async (t) => {
    const pipe = join(temporaryFolder(t), 'pipe')
    execFileSync('mkfifo', [pipe])
    const error = await refusal(pipe)
    assert.equal(error.code, 'no-process-store')
    assert.match(error.message, /neither a folder nor a regular file/)
})

test('a name that is not UTF-8, which no path can say, is told to be linked to', async (t) => {
    const error = await refusal(join(temporaryFolder(t), 'x\uFFFDy'))
    assert.match(`${error.message} ${error.hint ?? ''}`, /not UTF-8.*`ln -s`/)
})

test('a store may be reached through a link', async (t) => {
    const store = storeIn(t)
    const link = join(temporaryFolder(t), 'link')
    symlinkSync(resolve(store), link)
    assert.equal((await openAndCheck(link)).longest.head, log.head)
})

test('a file or a folder that may not be read stops the check with its path and what helps', (t) => {
    for (const path of [
        `composition/${dailyFile}`,
        `reduction/${log.head}`,
        'composition',
        'reduction',
        '',
    ]) {
        const store = storeIn(t)
        chmodSync(join(store, '..'), 0o755)
        const closed = join(store, path)
        chmodSync(closed, 0o000)
        const stopped = checkAsNobody(store)
        chmodSync(closed, 0o755)
        if ('skip' in stopped) {
            t.skip(stopped.skip)
            return
        }
        assert.equal(stopped.code, 'file-system', `${path}: ${stopped.message}`)
        assert.ok(stopped.message.includes(closed), stopped.message)
        assert.match(stopped.message, /EACCES/)
        assert.match(stopped.hint ?? '', /Run complog as a user who may read/)
    }
})
