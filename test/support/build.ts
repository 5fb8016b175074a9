// Where the built command is, and whether it is what the sources say.
import { existsSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of package.json, wherever below it this was translated to. */
export const packageFolder = folderOfPackage(dirname(fileURLToPath(import.meta.url)))
/** How the files of sources and tests end that run here: see test/run.js. */
export const sourceExtension = import.meta.url.endsWith('.ts') ? '.ts' : '.js'
/** Flags with which another process of Node runs them. */
export const sourceFlags: readonly string[] = sourceExtension === '.ts' ? ['--import', 'tsx'] : []
export const binary = join(packageFolder, 'bin', 'run.js')
export const schemasFolder = join(packageFolder, 'dist', 'schemas')
export const manifestPath = join(packageFolder, 'oclif.manifest.json')

/** Throws where `npm run build` has not been run since the sources were last changed. */
export function requireBuild(): void {
    const built = join(packageFolder, 'dist', 'cli', 'main.js')
    const bundled = join(packageFolder, 'dist', 'bundle', 'start.js')
    for (const path of [built, bundled, schemasFolder, manifestPath]) {
        if (!existsSync(path)) throw new Error(`Run \`npm run build\` first: there is no ${path}.`)
    }
    // The compiler leaves files alone that come out as they were; what comes behind it is written each time.
    const builtAt = statSync(bundled).mtimeMs
    const source = join(packageFolder, 'src')
    for (const name of readdirSync(source, { recursive: true, encoding: 'utf8' })) {
        if (name.endsWith('.ts') && statSync(join(source, name)).mtimeMs > builtAt)
            throw new Error(`Run \`npm run build\` first: src/${name} was changed after dist/ was built.`)
    }
}

function folderOfPackage(folder: string): string {
    return existsSync(join(folder, 'package.json')) ? folder : folderOfPackage(dirname(folder))
}
