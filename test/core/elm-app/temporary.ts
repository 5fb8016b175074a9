// Folders for a test, gone when it is over, and the fixtures it works on.

import { createHash } from 'node:crypto'
import {
    cpSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    rmSync,
    statSync,
    writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'

import { packageFolder } from '../../support/build.js'

// Asked for once, since a test may move the place for temporary files.
const temporaryRoot = tmpdir()
const fixtures = join(packageFolder, 'fixtures')

/** A Kalmit folder among the fixtures. Only to be read. */
export function fixtureApp(name: 'counter' | 'counter-0.19.0' | 'misbehaving' | 'string-builder'): string {
    return join(fixtures, 'apps', name)
}

export function temporaryFolder(test: TestContext): string {
    const folder = mkdtempSync(join(temporaryRoot, 'elm-app-test-'))
    test.after(() => rmSync(folder, { recursive: true, force: true }))
    return folder
}

/** Sets variables of the environment for a test; undefined removes one. */
export function setEnvironment(
    test: TestContext,
    values: Readonly<Record<string, string | undefined>>,
): void {
    for (const [name, value] of Object.entries(values)) {
        const before = process.env[name]
        test.after(() => setVariable(name, before))
        setVariable(name, value)
    }
}

function setVariable(name: string, value: string | undefined): void {
    if (value === undefined) Reflect.deleteProperty(process.env, name)
    else process.env[name] = value
}

let elmHome: string | undefined

/** A copy of the small Elm home, one a test file, since the compiler writes into it. */
export function elmHomeCopy(): string {
    if (elmHome === undefined) {
        const copy = mkdtempSync(join(temporaryRoot, 'elm-home-test-'))
        cpSync(join(fixtures, 'elm-home'), copy, { recursive: true })
        // Not node:test's after(), which called within a test would end the copy with that test.
        process.once('exit', () => rmSync(copy, { recursive: true, force: true }))
        elmHome = copy
    }
    return elmHome
}

/** Writes files by path relative to a folder, and returns the folder. */
export function writeFiles(folder: string, files: Readonly<Record<string, string | Uint8Array>>): string {
    for (const [path, content] of Object.entries(files)) {
        mkdirSync(dirname(join(folder, path)), { recursive: true })
        writeFileSync(join(folder, path), content)
    }
    return folder
}

/** Every path below a folder, with the hash of its content and its time of change. */
export function listing(folder: string): readonly string[] {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .sort()
        .map((path) => {
            const stats = statSync(join(folder, path))
            const content = stats.isFile() ? readFileSync(join(folder, path)) : ''
            return `${path} ${stats.mtimeMs} ${createHash('sha256').update(content).digest('hex')}`
        })
}

export const counterMap = JSON.stringify({
    WithCustomSerialization: {
        pathToFileWithElmEntryPoint: 'Counter.elm',
        pathToInitialStateFunction: 'Counter.initState',
        pathToSerializedEventFunction: 'Counter.processSerializedEvent',
        pathToSerializeStateFunction: 'Counter.serializeState',
        pathToDeserializeStateFunction: 'Counter.deserializeState',
    },
})
