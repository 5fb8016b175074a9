// What pages and comments name is there: files, folders, links. And no line of prose is too wide to be read.
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path/posix'
import { describe, test } from 'node:test'

const commentWidthMax = 110
const proseWidthMax = 100

const sources = filesIn('src', 'bin', 'scripts').filter((path) => /\.(?:ts|js)$/.test(path))
const everything = [...filesIn('src', 'bin', 'scripts', 'test', 'docs', 'fixtures', '.github'), ...topLevel()]
const pages = everything.filter((path) => path.endsWith('.md') && !path.startsWith('fixtures/recorded'))
/** Files and folders, each by every end of its path: `check/chain.ts` for `src/core/check/chain.ts`. */
const known = new Set(everything.flatMap((path) => [path, ...foldersOf(path)].flatMap(endsOf)))
/** What the build makes, other packages bring, or an app has. */
const elsewhere = /^(?:dist|node_modules)\/|^(?:composition|reduction|quarantine|outside-chain)\/$/

describe('the map in docs/architecture.md', () => {
    const [, tree = ''] = /^## Rooms\n[^]*?```\n([^]*?)```/m.exec(read('docs/architecture.md')) ?? []
    const rows = rowsOf(tree)

    test('has every folder of the sources, and no other', () => {
        const mapped = rows.map(({ path }) => path).filter((path) => path.startsWith('src/'))
        const folders = new Set(sources.filter((path) => path.startsWith('src/')).flatMap(foldersOf))
        folders.delete('src/')
        // Another language; the map has its folder, and its own entrance the rest.
        const rooms = [...folders].filter((folder) => !folder.startsWith('src/core/fast/wasm/rows/'))
        assert.deepEqual(mapped.filter((path) => path.endsWith('/') && path !== 'src/').sort(), rooms.sort())
    })

    test('names files that are in those folders', () => {
        const named = rows.flatMap(({ path, text }) =>
            [...text.matchAll(/([\w-]+\.(?:ts|js))\b/g)].map(([, name]) => join(dirname(`${path}x`), name!)),
        )
        assert.ok(named.length > 15)
        assert.deepEqual(
            named.filter((path) => !existsSync(path)),
            [],
        )
    })
})

test('files and folders that pages name are there', () => {
    const missing = pages.flatMap((page) =>
        [...read(page).matchAll(/`((?:src|test|scripts|bin|docs|fixtures)\/[^`\s]*)`/g)]
            .map(([, path]) => path!)
            .filter((path) => !/[…*]|\.elm$/.test(path) && !existsSync(path))
            .map((path) => `${page}: ${path}`),
    )
    assert.deepEqual(missing, [])
})

test('files and folders that comments of the sources name are there', () => {
    const missing = sources.flatMap((path) =>
        namedIn(commentsOf(path).join('\n'))
            .filter((name) => !known.has(name) && !elsewhere.test(name))
            .map((name) => `${path}: ${name}`),
    )
    assert.deepEqual(missing, [])
    assert.deepEqual(namedIn('see `made-up/` and gone/not-there.ts, in core/check/'), [
        'made-up/',
        'gone/not-there.ts',
    ])
})

test('links between pages lead somewhere', () => {
    const broken = pages.flatMap((page) =>
        [...withoutCode(read(page)).matchAll(/\]\(([^)\s]+)\)/g)]
            .map(([, target]) => target!)
            .filter((target) => !/^[a-z]+:/.test(target) && !leads(page, target))
            .map((target) => `${page}: ${target}`),
    )
    assert.deepEqual(broken, [])
    assert.equal(leads('docs/README.md', 'format.md#reductions'), true)
    assert.equal(leads('docs/README.md', 'format.md#no-such-heading'), false)
})

test('every page is reached from the README', () => {
    const reached = new Set<string>()
    const visit = (page: string) => {
        if (reached.has(page)) return
        reached.add(page)
        for (const [, target = ''] of read(page).matchAll(/\]\(([^)#\s]+\.md)[)#]/g)) {
            if (!/^[a-z]+:/.test(target)) visit(normalize(join(dirname(page), target)))
        }
    }
    visit('README.md')
    assert.deepEqual(
        pages.filter((page) => /^(?:docs\/|[^/]+$)/.test(page) && !reached.has(page)),
        [],
    )
})

test('prose in pages is wrapped', () => {
    const wide = pages
        .filter((page) => !page.startsWith('fixtures/') && !page.startsWith('.github/'))
        .flatMap((page) =>
            withoutCode(read(page))
                .split('\n')
                // What cannot be broken: a row of a table, a link or a command without a blank before it.
                .filter((line) => line.length > proseWidthMax && !/^\s*\||^\s*(?:- )?\S+$/.test(line))
                .map((line) => `${page}: ${line}`),
        )
    assert.deepEqual(wide, [])
})

test('comments of the sources are wrapped', () => {
    const wide = sources.flatMap((path) =>
        commentsOf(path)
            .filter((line) => line.length > commentWidthMax && !/https?:/.test(line))
            .map((line) => `${path}: ${line.trim()}`),
    )
    assert.deepEqual(wide, [])
})

function read(path: string): string {
    return readFileSync(path, 'utf8')
}

function filesIn(...folders: readonly string[]): readonly string[] {
    return folders.flatMap((folder) =>
        readdirSync(folder, { recursive: true, encoding: 'utf8' })
            .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
            .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true),
    )
}

function topLevel(): readonly string[] {
    return readdirSync('.').filter((name) => statSync(name).isFile())
}

/** The folders above a file, each with a slash behind it. */
function foldersOf(path: string): readonly string[] {
    const parts = path.split('/').slice(0, -1)
    return parts.map((_, i) => `${parts.slice(0, i + 1).join('/')}/`)
}

function endsOf(path: string): readonly string[] {
    const parts = path.split('/')
    return parts.map((_, i) => parts.slice(i).join('/'))
}

function commentsOf(path: string): readonly string[] {
    return read(path)
        .split('\n')
        .filter((line) => /^\s*(?:\/\/|\/\*|\*)/.test(line))
}

/** Names of files of code or of pages, and of folders where they are meant as one. */
function namedIn(text: string): readonly string[] {
    const files = [...text.matchAll(/(?<![\w./*-])((?:[\w-]+\/)*[\w-]+(?:\.[\w-]+)*\.(?:ts|js|mjs|md))\b/g)]
    const folders = [...text.matchAll(/`((?:[\w-]+\/)+)`|Entrance of ((?:[\w-]+\/)+)/g)]
    return [...folders.map(([, quoted, entrance]) => quoted ?? entrance!), ...files.map(([, name]) => name!)]
}

/** The page without fenced blocks. */
function withoutCode(text: string): string {
    return text.replaceAll(/^( *)```[^]*?^\1```$/gm, '')
}

function leads(page: string, target: string): boolean {
    const [path = '', anchor] = target.split('#')
    const file = path === '' ? page : normalize(join(dirname(page), path))
    if (!existsSync(file)) return false
    return anchor === undefined || anchorsOf(read(file)).has(anchor)
}

/** As GitHub makes them of headings. */
function anchorsOf(text: string): ReadonlySet<string> {
    const headings = [...withoutCode(text).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading!)
    return new Set(
        headings.map((heading) =>
            heading
                .toLowerCase()
                .replaceAll(/[^\w\s-]/g, '')
                .replaceAll(' ', '-'),
        ),
    )
}

/** The rows of a tree that is drawn by indentation, with whole paths. */
function rowsOf(tree: string): readonly { readonly path: string; readonly text: string }[] {
    const above: string[] = []
    return tree
        .split('\n')
        .filter((line) => line.trim() !== '')
        .map((line) => {
            const [, indent = '', name = '', text = ''] = /^( *)(\S+)(.*)$/.exec(line) ?? []
            const depth = indent.length / 2
            above.splice(depth)
            const path = `${above.join('')}${name}`
            above.push(name)
            return { path, text }
        })
}
