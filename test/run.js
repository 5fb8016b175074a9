// Runs the tests with Node's own runner. A file of its own, because the runner of Node 20 does not know globs, and
// because the sources are translated once for all files of tests: to load a loader of TypeScript takes each of them, and
// each thread that it starts, more time than most of them need for their work.
//   npm test                       all tests
//   npm test -- chain              only files whose path contains "chain"
//   npm test -- commands replay    only files whose path contains both
import { spawnSync } from 'node:child_process'
import {
    chmodSync,
    cpSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    rmSync,
    statfsSync,
    writeFileSync,
} from 'node:fs'
import { availableParallelism, freemem, tmpdir } from 'node:os'
import { join } from 'node:path'

import { build } from 'esbuild'

const filters = process.argv.slice(2)
const pathsIn = (folder) =>
    readdirSync(folder, { recursive: true }).map((name) => `${folder}/${String(name).replaceAll('\\', '/')}`)
/** Those that start processes take longest: they come first, so that none is left over at the end. */
const startsProcesses = /^test\/(?:commands|docs|faults|host)\//
const tests = pathsIn('test')
    .filter((path) => path.endsWith('.test.ts') && filters.every((filter) => path.includes(filter)))
    .sort()
    .sort((a, b) => Number(startsProcesses.test(b)) - Number(startsProcesses.test(a)))
if (tests.length === 0) {
    console.error(`No test file's path contains ${filters.join(' and ')}.`)
    process.exit(1)
}

/**
 * So many files of a folder share a process: to start one, and to load what tests load, takes longer than many of them
 * need for their work. Where sweeps are whole, each has one for itself, and its time.
 */
const filesPerProcess = { core: 8, cli: 8, commands: 4, docs: 4, host: 4 }

/** What a test may take at most: of sweeps that are whole, or as long as somebody says, hours on a busy machine. */
const isLong = Object.keys(process.env).some((name) => /^COMPLOG_(?:WHOLE|FUZZ_\w+|KILL_ROUNDS)$/.test(name))
const minutesMax = isLong ? 240 : 30

/** Below the package, so that its dependencies are found. */
const translated = mkdtempSync('.tests-')
// Some tests look at things as a user without rights.
chmodSync(translated, 0o755)
// See test/support/test-folder.ts.
const folder = temporaryFolder()
// Whoever interrupts it interrupts the tests as well: it stays for what is to be removed then.
process.on('SIGINT', () => {})
let status
try {
    await translate()
    cpSync('fixtures/elm-home', join(folder, 'elm-home'), { recursive: true })
    mkdirSync(join(folder, 'home'))
    const files = togetherInProcesses().map(writeEntry)
    status = spawnSync(
        process.execPath,
        [
            '--test',
            '--test-reporter=./test/reporter.js',
            // More than there are processors: many tests wait for the disk, a thread or a time.
            `--test-concurrency=${availableParallelism() * 2}`,
            `--test-timeout=${minutesMax * 60_000}`,
            ...files,
        ],
        {
            stdio: 'inherit',
            env: { ...process.env, NODE_OPTIONS: '', COMPLOG_TEST_FOLDER: folder, TMPDIR: folder },
        },
    ).status
} finally {
    rmSync(translated, { recursive: true, force: true })
    rmSync(folder, { recursive: true, force: true })
}
process.exit(status ?? 1)

/**
 * Tests write ten thousands of small files: to memory where there is enough of it, since a disk takes three times as
 * long. Where sweeps are whole, or somebody says where, they write to a disk.
 */
function temporaryFolder() {
    const made = (place) => {
        const path = mkdtempSync(join(place, 'complog-tests-'))
        // Everybody's, as folders for temporary files are.
        chmodSync(path, 0o1777)
        return path
    }
    if (isLong || process.env.TMPDIR !== undefined) return made(tmpdir())
    try {
        const { bavail, bsize } = statfsSync('/dev/shm')
        if (Math.min(bavail * bsize, freemem()) < 2 ** 32) return made(tmpdir())
        const path = made('/dev/shm')
        // Some tests start a program that they wrote.
        const program = join(path, 'program')
        writeFileSync(program, '#!/bin/sh\n', { mode: 0o755 })
        if (spawnSync(program).status === 0) return path
        rmSync(path, { recursive: true })
    } catch {
        // There is none.
    }
    return made(tmpdir())
}

/** The files of each process, in the order in which these start. Neighbours, often alike long, are kept apart. */
function togetherInProcesses() {
    const rooms = new Map()
    for (const path of tests) {
        const room = path.split('/')[1]
        rooms.set(room, [...(rooms.get(room) ?? []), path])
    }
    return [...rooms].flatMap(([room, paths]) => {
        const sharing = process.env.COMPLOG_WHOLE === undefined ? (filesPerProcess[room] ?? 1) : 1
        const count = Math.ceil(paths.length / sharing)
        return Array.from({ length: count }, (_, nth) => paths.filter((_, i) => i % count === nth))
    })
}

/** Returns the path of a file that runs all of these. */
function writeEntry(paths, index) {
    // The runner takes them in the order of their names.
    const entry = join(translated, `${String(index).padStart(3, '0')}.test.js`)
    writeFileSync(entry, paths.map((path) => `import './${path.replace(/\.ts$/, '.js')}'\n`).join(''))
    return entry
}

async function translate() {
    const isAssemblyScript = (path) => path.startsWith('src/core/fast/wasm/')
    const sources = [...pathsIn('src'), ...pathsIn('test')].filter(
        (path) => path.endsWith('.ts') && !isAssemblyScript(path),
    )
    // Each start of an app is a thread: to load many files is a fifth of what tests of restores would take.
    const isThread = (path) => /^src\/.*\/(?:app-worker|condition-worker|helper)\.ts$/.test(path)
    const options = {
        outdir: translated,
        outbase: '.',
        format: 'esm',
        platform: 'node',
        target: 'node20',
        sourcemap: true,
        sourcesContent: false,
        logLevel: 'error',
    }
    await Promise.all([
        build({ ...options, entryPoints: sources.filter((path) => !isThread(path)) }),
        build({ ...options, entryPoints: sources.filter(isThread), bundle: true, packages: 'external' }),
    ])
    // What else tests need of their folder, such as programs that they start.
    cpSync('test', join(translated, 'test'), { recursive: true, filter: (path) => !path.endsWith('.ts') })
}
