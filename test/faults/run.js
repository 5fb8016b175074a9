// Every fault of every kind: takes about half an hour on two cores. `npm run test:faults -- kills disks` runs those parts only.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

// See test/support/test-folder.ts.
const folder = mkdtempSync(join(tmpdir(), 'complog-faults-'))
cpSync('fixtures/elm-home', join(folder, 'elm-home'), { recursive: true })
mkdirSync(join(folder, 'home'))
const { status } = spawnSync(
    process.execPath,
    ['--import', 'tsx', 'test/faults/main.ts', ...process.argv.slice(2)],
    {
        stdio: 'inherit',
        env: { ...process.env, NODE_OPTIONS: '', COMPLOG_TEST_FOLDER: folder, COMPLOG_WHOLE: '1' },
    },
)
rmSync(folder, { recursive: true, force: true })
process.exit(status ?? 1)
