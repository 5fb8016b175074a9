// The npm package of Elm installs by linking a platform's binary, which --ignore-scripts leaves out. So the
// platform package's own binary is taken where it is there.

import { closeSync, openSync, readSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

import { ComplogError } from '../../errors.js'

export const elmCompilerVersion = '0.19.1'

/** A program and what stands before its own arguments. */
export interface CompilerCommand {
    readonly file: string
    readonly leadingArguments: readonly string[]
}

/**
 * The Elm compiler as npm installed it, as seen from the module at `from` (a file URL or path).
 * @throws ComplogError `app-compiler-missing`
 */
export function findElmCompiler(from: string | URL = import.meta.url): CompilerCommand {
    const packageFile = resolveFrom(from, 'elm/package.json')
    if (packageFile === undefined) throw compilerMissing('the npm package elm is not installed')
    const platform = `${process.platform}_${process.arch}`
    const binaryName = process.platform === 'win32' ? 'elm.exe' : 'elm'
    const binary = resolveFrom(packageFile, `@elm_binaries/${platform}/${binaryName}`)
    if (binary !== undefined) return { file: binary, leadingArguments: [] }
    const linked = join(dirname(packageFile), 'bin', 'elm')
    const start = firstBytes(linked)
    // Before it is linked, bin/elm is a script that looks where we just looked.
    if (start === undefined || start === '#!') {
        throw compilerMissing(`the npm package elm has no binary for ${platform}`)
    }
    return { file: linked, leadingArguments: [] }
}

export function compilerMissing(problem: string, cause?: unknown): ComplogError {
    return new ComplogError('app-compiler-missing', `The Elm compiler cannot be run: ${problem}.`, {
        hint:
            'Install it beside complog with `npm install elm@0.19.1-6`, or compile the app on another machine with ' +
            '`elm make Main.elm --output=app.js` and give app.js instead.',
        cause,
    })
}

function resolveFrom(from: string | URL, name: string): string | undefined {
    try {
        return createRequire(from).resolve(name)
    } catch {
        return undefined
    }
}

function firstBytes(path: string): string | undefined {
    try {
        const file = openSync(path, 'r')
        try {
            const buffer = Buffer.alloc(2)
            return buffer.toString('latin1', 0, readSync(file, buffer, 0, 2, 0))
        } finally {
            closeSync(file)
        }
    } catch {
        return undefined
    }
}
