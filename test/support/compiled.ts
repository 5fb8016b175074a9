// The compiler of TypeScript, as somebody runs it on files of a folder of their own.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

import { packageFolder } from './build.js'

const compiler = join(packageFolder, 'node_modules', 'typescript-native', 'bin', 'tsc')

/** @returns what it says of them: nothing where all is well */
export function compiled(folder: string, args: readonly string[]): string {
    return spawnSync(process.execPath, [compiler, ...args], { cwd: folder, encoding: 'utf8' }).stdout
}
