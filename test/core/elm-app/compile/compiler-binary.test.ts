import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'

import { elmCompilerVersion, findElmCompiler } from '../../../../src/core/elm-app/compile/compiler-binary.js'
import { throwsWith } from '../rejects.js'
import { temporaryFolder, writeFiles } from '../temporary.js'

test('the compiler that npm installed is found, and has the version that is counted on', () => {
    const { file, leadingArguments } = findElmCompiler()
    const version = execFileSync(file, [...leadingArguments, '--version'], { encoding: 'utf8' })
    assert.equal(version.trim(), elmCompilerVersion)
})

test('without the npm package the message says how to get it', (t) => {
    const error = throwsWith(
        () => findElmCompiler(join(temporaryFolder(t), 'x.js')),
        'app-compiler-missing',
        /not installed/,
    )
    assert.match(error.hint!, /npm install elm@/)
})

const elmPackage = { 'node_modules/elm/package.json': '{}' }
const platformFile = `node_modules/@elm_binaries/${process.platform}_${process.arch}/elm${process.platform === 'win32' ? '.exe' : ''}`

test("the platform's own binary goes first", (t) => {
    const folder = writeFiles(temporaryFolder(t), {
        ...elmPackage,
        'node_modules/elm/bin/elm': '#!x',
        [platformFile]: '',
    })
    assert.match(findElmCompiler(join(folder, 'x.js')).file, /@elm_binaries/)
})

test('a linked binary is run where there is no other', (t) => {
    const folder = writeFiles(temporaryFolder(t), { ...elmPackage, 'node_modules/elm/bin/elm': '\u007fELF' })
    assert.match(findElmCompiler(join(folder, 'x.js')).file, /bin.elm$/)
})

test('a package without a binary for this platform is said to be that', (t) => {
    const folder = writeFiles(temporaryFolder(t), elmPackage)
    const find = (): unknown => findElmCompiler(join(folder, 'x.js'))
    throwsWith(find, 'app-compiler-missing', /no binary for/)
    writeFiles(folder, { 'node_modules/elm/bin/elm': '#!/usr/bin/env node' })
    throwsWith(find, 'app-compiler-missing', /no binary for/)
})
