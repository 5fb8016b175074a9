import assert from 'node:assert/strict'
import { describe, test } from 'node:test'

import {
    cycles,
    emptyParts,
    lostFiles,
    roomOf,
    tooLong,
    withoutEntrance,
    wrongArrows,
    wrongArrowsWithin,
    wrongOutput,
    wrongPackages,
} from './rules.js'
import { importsOf, readSources, type Sources } from './sources.js'

const sources = readSources('src', 'bin')

/** The sources with one file more, or with another content. */
function withFile(path: string, text: string): Sources {
    return new Map([...sources, [path, text]])
}

describe('the rooms', () => {
    test('are all there, and every file is in one', () => {
        const rooms = new Set([...sources.keys()].map(roomOf))
        const expected = ['bin', 'cli', 'commands', 'core', 'host', 'index', 'start']
        const inCore = [
            'bisect',
            'cache',
            'check',
            'compare',
            'composition',
            'condition',
            'convert',
            'difference',
            'elm-app',
            'fast',
            'generations',
            'history',
            'later',
            'process',
            'profile',
            'reduction',
            'restore',
            'rewrite',
            'store',
        ]
        assert.deepEqual([...rooms].sort(), [...expected, ...inCore].sort())
        assert.ok(sources.size > 80)
    })

    test('import only what lies below them', () => assert.deepEqual(wrongArrows(sources), []))

    test('have parts that import one way as well', () => {
        assert.deepEqual(wrongArrowsWithin(sources), [])
        assert.deepEqual(emptyParts(sources), [])
    })

    test('say at one file each what they are for', () => assert.deepEqual(withoutEntrance(sources), []))

    test('name in their comments no file that is not there', () => {
        assert.deepEqual(lostFiles(sources), [])
        const comment =
            '// As ./rules and ./nowhere say, or core/nothing.ts, or lost.js; see ../errors.ts.\nexport {}\n'
        assert.deepEqual(
            lostFiles(
                new Map([
                    ['src/core/errors.ts', ''],
                    ['src/core/store/rules.ts', ''],
                    ['src/core/store/here.ts', comment],
                ]),
            ),
            ['./nowhere', 'core/nothing.ts', 'lost.js'].map(
                (name) => `src/core/store/here.ts names ${name}, which is not there`,
            ),
        )
    })

    test('have no circles of imports between files', () => assert.deepEqual(cycles(sources), []))

    test('hold no function of more lines than a screen has', () => assert.deepEqual(tooLong(sources), []))
})

describe('the core', () => {
    test('knows no terminal, and touches files only where that is its work', () =>
        assert.deepEqual(wrongPackages(sources), []))

    test('prints nothing', () => assert.deepEqual(wrongOutput(sources), []))
})

describe('the rules catch', () => {
    const wrong: Readonly<Record<string, readonly [string, string]>> = {
        'an arrow that runs the other way': [
            'src/core/composition/made-up.ts',
            "import { openProcessStore } from '../store/process-store.js'",
        ],
        'one for a type alone': [
            'src/core/elm-app/made-up.ts',
            "import type { Reduction } from '../reduction/reduction.js'",
        ],
        'one within a type': [
            'src/core/store/made-up.ts',
            "export type Made = import('../check/chain.js').Chain",
        ],
        'one that is passed on': ['src/core/check/made-up.ts', "export * from '../restore/restore.js'"],
        'one that is taken late': [
            'src/core/errors-made-up.ts',
            "export const late = () => import('./store/layout.js')",
        ],
        'the core reaching for a command': [
            'src/core/restore/made-up.ts',
            "import Replay from '../../commands/replay.js'\nvoid Replay",
        ],
        'cli reaching for a command': ['src/cli/made-up.ts', "import '../commands/replay.js'"],
        'bin reaching past cli': ['bin/made-up.js', "await import('../dist/core/errors.js')"],
        'a file that is not there': ['src/cli/made-up.ts', "import './no-such-file.js'"],
    }
    for (const [what, [path, text]] of Object.entries(wrong)) {
        test(what, () => assert.equal(wrongArrows(withFile(path, text)).length, 1))
    }

    test('an arrow back up within a room, and a part that nobody knows', () => {
        for (const [path, text] of [
            ['src/core/elm-app/source/made-up.ts', "import '../compile/compile.js'"],
            ['src/core/elm-app/thread/made-up.ts', "import type { App } from '../elm-app.js'"],
            ['src/core/fast/pieces/made-up.ts', "import '../in-order/join-pieces.js'"],
            ['src/core/later/records/made-up.ts', "import '../reading/read-later.js'"],
            ['src/core/store/durable/made-up.ts', "import '../process-store.js'"],
            ['src/core/rewrite/repair/made-up.ts', "import '../reorder/reorder.js'"],
            ['src/cli/made-up/made-up.ts', "import '../text/units.js'"],
        ] as const) {
            assert.equal(wrongArrowsWithin(withFile(path, text)).length, 1, path)
        }
        const text = "import '../source/app-map.js'\nimport '../../errors.js'"
        assert.deepEqual(wrongArrowsWithin(withFile('src/core/elm-app/compile/made-up.ts', text)), [])
    })

    test('and let through what is allowed', () => {
        const text = "import { restore } from '../restore/restore.js'\nimport '../errors.js'\nvoid restore"
        assert.deepEqual(wrongArrows(withFile('src/core/profile/made-up.ts', text)), [])
    })

    test('packages for terminals in the core, and files where they have no place', () => {
        for (const name of ['@oclif/core', 'chalk', 'ora', 'cli-table3', '@inquirer/confirm', 'inquirer']) {
            const found = wrongPackages(withFile('src/core/store/made-up.ts', `import '${name}'`))
            assert.deepEqual(found, [`src/core/store/made-up.ts imports ${name}`])
        }
        for (const name of ['node:fs', 'node:fs/promises', 'fs']) {
            const text = `import '${name}'`
            assert.equal(wrongPackages(withFile('src/core/restore/made-up.ts', text)).length, 1)
            assert.equal(wrongPackages(withFile('src/core/store/made-up.ts', text)).length, 0)
        }
    })

    test('writing to files where they are only read to be copied', () => {
        for (const [names, wrong] of [
            ['{ readFile, stat }', 0],
            ['{ readFile, writeFile as save }', 1],
            ['* as files', 1],
        ] as const) {
            const text = `import ${names} from 'node:fs/promises'`
            assert.equal(wrongPackages(withFile('src/core/rewrite/made-up.ts', text)).length, wrong)
        }
    })

    test('output from the core', () => {
        for (const text of [
            'console.log(1)',
            'process.stdout.write("")',
            'process.stderr',
            'console["log"](1)',
        ]) {
            assert.ok(wrongOutput(new Map([['src/core/made-up.ts', text]])).length > 0, text)
            assert.equal(wrongOutput(new Map([['src/cli/made-up.ts', text]])).length, 0)
        }
    })

    test('a circle, by name', () => {
        const circle = new Map([
            ['src/cli/a.ts', "import './b.js'"],
            ['src/cli/b.ts', "import type { C } from './c.js'"],
            ['src/cli/c.ts', "export * from './a.js'"],
        ])
        assert.deepEqual(cycles(circle), ['src/cli/a.ts -> src/cli/b.ts -> src/cli/c.ts -> src/cli/a.ts'])
    })

    test('a function that is too long', () => {
        const withLines = (count: number) => `function f() {\n${'x()\n'.repeat(count - 2)}}\n`
        assert.equal(tooLong(new Map([['src/cli/a.ts', withLines(71)]])).length, 1)
        assert.equal(tooLong(new Map([['src/cli/a.ts', withLines(70)]])).length, 0)
    })

    test('imports in text or comments are none', () => {
        const text = "// import 'chalk'\nconst text = `import 'ora'`\nvoid text"
        assert.deepEqual(importsOf('src/core/a.ts', text), [])
    })
})
