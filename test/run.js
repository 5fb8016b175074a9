// Runs the tests with Node's own runner. A file of its own, because the runner of Node 20 does not know globs.
//   npm test                       all tests
//   npm test -- chain              only files whose path contains "chain"
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const filters = process.argv.slice(2)
const files = readdirSync('test', { recursive: true })
    .map((name) => `test/${String(name).replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith('.test.ts') && filters.every((filter) => path.includes(filter)))
    .sort()
if (files.length === 0) {
    console.error(`No test file's path contains ${filters.join(' and ')}.`)
    process.exit(1)
}
// See test/support/test-folder.ts.
const folder = mkdtempSync(join(tmpdir(), 'complog-tests-'))
cpSync('fixtures/elm-home', join(folder, 'elm-home'), { recursive: true })
mkdirSync(join(folder, 'home'))
const { status } = spawnSync(
    process.execPath,
    [
        '--import',
        'tsx',
        '--test',
        '--test-reporter=spec',
        '--test-concurrency=2',
        '--test-timeout=600000',
        ...files,
    ],
    { stdio: 'inherit', env: { ...process.env, NODE_OPTIONS: '', COMPLOG_TEST_FOLDER: folder } },
)
rmSync(folder, { recursive: true, force: true })
process.exit(status ?? 1)
