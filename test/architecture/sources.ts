// The sources as text, and what each of them imports.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path/posix'

import ts from 'typescript'

import { packageFolder } from '../support/build.js'

/** Path relative to the package, such as `src/core/errors.ts`, and content. */
export type Sources = ReadonlyMap<string, string>

export interface Import {
    /** The file that imports. */
    readonly from: string
    /** As it is written: `./errors.js`, `node:fs`, `chalk`. */
    readonly specifier: string
    /** The source file that it means; absent for packages and for Node's own modules. */
    readonly to?: string
    /** What it takes by name; `*` for everything. */
    readonly names: readonly string[]
}

export function readSources(...folders: readonly string[]): Sources {
    const sources = new Map<string, string>()
    for (const folder of folders) {
        const names = readdirSync(join(packageFolder, folder), { recursive: true, encoding: 'utf8' })
        for (const name of names.map((native) => native.replaceAll('\\', '/')).sort()) {
            if (!/\.[cm]?[jt]s$/.test(name)) continue
            // Another language, with a compiler of its own: it can import nothing of all this.
            if (join(folder, name).startsWith('src/core/fast/wasm/')) continue
            sources.set(join(folder, name), readFileSync(join(packageFolder, folder, name), 'utf8'))
        }
    }
    return sources
}

const known = new Map<string, { readonly text: string; readonly imports: readonly Import[] }>()

/** Every import of a file: static, dynamic, re-exported, for types alone. Each text is looked through once. */
export function importsOf(path: string, text: string): readonly Import[] {
    const before = known.get(path)
    if (before?.text === text) return before.imports
    const imports = findImports(path, text)
    known.set(path, { text, imports })
    return imports
}

function findImports(path: string, text: string): readonly Import[] {
    const imports: Import[] = []
    const add = (node: ts.Node | undefined, names: readonly string[] = ['*']) => {
        if (node === undefined || !ts.isStringLiteralLike(node)) return
        imports.push({ from: path, specifier: node.text, ...toFile(path, node.text), names })
    }
    const visit = (node: ts.Node): void => {
        if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, namesOf(node))
        if (ts.isExportDeclaration(node)) add(node.moduleSpecifier)
        if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
            add(node.arguments[0])
        if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal)
        ts.forEachChild(node, visit)
    }
    visit(parse(path, text))
    return imports
}

function namesOf({ importClause }: ts.ImportDeclaration): readonly string[] {
    const bindings = importClause?.namedBindings
    if (importClause?.name !== undefined || bindings === undefined || !ts.isNamedImports(bindings))
        return ['*']
    return bindings.elements.map(({ name, propertyName }) => (propertyName ?? name).text)
}

const parsed = new Map<string, ts.SourceFile>()

/** Each text is parsed once. */
export function parse(path: string, text: string): ts.SourceFile {
    const before = parsed.get(path)
    if (before?.text === text) return before
    const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
    parsed.set(path, file)
    return file
}

function toFile(path: string, specifier: string): { readonly to?: string } {
    if (!specifier.startsWith('.')) return {}
    const file = normalize(join(dirname(path), specifier))
    // The commands in bin/ run what was built of the sources.
    return { to: file.replace(/^dist\//, 'src/').replace(/\.js$/, '.ts') }
}
