// The rules that keep the rooms apart, as functions of the sources, so that a test can show that they catch what they
// are there for. Each answers with what breaks it, one line of text each.
import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path/posix'

import ts from 'typescript'

import { packageFolder } from '../support/build.js'
import { type Import, importsOf, parse, type Sources } from './sources.js'

const coreRooms = [
    'composition',
    'cache',
    'difference',
    'generations',
    'later',
    'reduction',
    'elm-app',
    'condition',
    'store',
    'fast',
    'check',
    'restore',
    'history',
    'rewrite',
    'profile',
    'bisect',
    'compare',
    'convert',
    'process',
] as const

/** From a room to the others that it may import. Itself it may always. */
const arrows: Readonly<Record<string, readonly string[]>> = {
    bin: ['start', 'cli'],
    start: ['cli'],
    commands: ['cli', 'host', 'core', ...coreRooms],
    cli: ['host', 'core', ...coreRooms],
    host: ['core', 'process', 'elm-app', 'store', 'composition'],
    index: ['core', ...coreRooms],
    process: ['core', 'rewrite', 'restore', 'check', 'store', 'elm-app', 'composition', 'reduction'],
    history: [
        ...['core', 'condition', 'restore', 'later', 'generations', 'check'],
        ...['store', 'elm-app', 'difference', 'composition'],
    ],
    profile: ['core', 'restore', 'check', 'store', 'elm-app', 'composition', 'reduction'],
    compare: ['core', 'restore', 'difference', 'check', 'store', 'elm-app', 'composition', 'reduction'],
    convert: [
        'core',
        'rewrite',
        'restore',
        'check',
        'later',
        'generations',
        'store',
        'elm-app',
        'composition',
        'reduction',
    ],
    bisect: ['core', 'restore', 'check', 'store', 'elm-app', 'composition', 'reduction'],
    rewrite: [
        'core',
        'restore',
        'check',
        'later',
        'generations',
        'store',
        'elm-app',
        'composition',
        'reduction',
    ],
    restore: [
        'core',
        'cache',
        'later',
        'difference',
        'check',
        'store',
        'elm-app',
        'composition',
        'reduction',
    ],
    check: ['core', 'fast', 'store', 'composition', 'reduction'],
    fast: ['core', 'store', 'composition'],
    store: ['core', 'composition', 'reduction', 'generations'],
    'elm-app': ['core', 'cache'],
    cache: ['core'],
    reduction: ['core', 'composition'],
    condition: ['core', 'elm-app'],
    composition: ['core'],
    difference: ['core'],
    generations: [],
    later: ['core', 'fast', 'store', 'generations', 'composition'],
    // The files in core/ itself: errors, limits, progress, counts, JSON of strangers, how threads start.
    core: [],
}

/**
 * Rooms that are parted, and which of their parts each part may import. 'top' are the files of the room itself, which
 * may import all of them.
 */
const parts: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
    cli: {
        render: ['text', 'json', 'flags'],
        flags: ['text'],
        text: [],
        json: [],
        'second-process': ['flags'],
    },
    composition: { chain: ['top'] },
    'elm-app': { thread: ['compile', 'source'], compile: ['source'], source: [] },
    fast: {
        'in-order': ['threads', 'pieces', 'scanner'],
        shuffled: ['threads', 'pieces', 'scanner'],
        threads: ['pieces', 'scanner'],
        pieces: ['scanner'],
        scanner: [],
    },
    later: {
        contents: ['reading', 'records', 'values'],
        reading: ['records', 'values'],
        records: ['values'],
        values: [],
    },
    store: {
        changes: ['top', 'durable', 'reading', 'listing'],
        durable: ['reading', 'listing'],
        reading: ['listing'],
        listing: [],
    },
    restore: { later: ['top'] },
    rewrite: { truncate: ['top'], reorder: ['top'], repair: ['top'] },
}

const ofTerminals = /^(?:@oclif\/|oclif$|chalk$|ora$|cli-table3$|@?inquirer|wrap-ansi$|string-width$)/
const fileSystem = /^(?:node:)?fs(?:\/|$)/
const roomsWithFiles: ReadonlySet<string> = new Set(['store', 'elm-app', 'cache'])
/** What is read to be copied; the writing of it is the store's. */
const readingForCopies = { room: 'rewrite', names: new Set(['createReadStream', 'readFile', 'stat']) }
const printing = /^(?:globalThis\.)?(?:console\b|process(?:\.|\[['"])std(?:out|err)\b)/
/** A function is about what a screen holds. */
const linesOfFunctionMax = 70

/** The room that a file is in; undefined for one that is in none. */
export function roomOf(path: string): string | undefined {
    if (path.startsWith('bin/')) return 'bin'
    const [, room, inner] = path.split('/')
    if (room === 'index.ts' || room === 'start.ts') return room.slice(0, -'.ts'.length)
    if (room !== 'core') return room
    if (inner === undefined || inner.endsWith('.ts')) return 'core'
    return inner
}

export function wrongArrows(sources: Sources): readonly string[] {
    return allImports(sources).flatMap(({ from, specifier, to }) => {
        if (to === undefined) return []
        if (!sources.has(to)) return [`${from} imports ${specifier}, which is not there`]
        const [room, other] = [roomOf(from), roomOf(to)]
        const allowed = room === undefined ? undefined : arrows[room]
        if (allowed === undefined || other === undefined) return [`${from} is in no room`]
        return room === other || allowed.includes(other) ? [] : [`${from} (${room}) imports ${to} (${other})`]
    })
}

/** The part of its room that a file is in: 'top' for the files of the room itself, and in a room without parts. */
export function partOf(path: string): string {
    const room = roomOf(path) ?? ''
    const [part, ...deeper] = path.slice(path.indexOf(`${room}/`) + room.length + 1).split('/')
    return deeper.length === 0 ? 'top' : (part ?? 'top')
}

/** As `wrongArrows`, between the parts of one room. */
export function wrongArrowsWithin(sources: Sources): readonly string[] {
    return allImports(sources).flatMap(({ from, to }) => {
        const room = roomOf(from)
        if (to === undefined || room === undefined || room !== roomOf(to)) return []
        const [part, other] = [partOf(from), partOf(to)]
        if (part === other || part === 'top') return []
        const allowed = parts[room]?.[part]
        if (allowed === undefined) return [`${from} is in no part of ${room}`]
        return allowed.includes(other) ? [] : [`${from} (${part}) imports ${to} (${other})`]
    })
}

/** Parts of rooms that no file is in. */
export function emptyParts(sources: Sources): readonly string[] {
    const met = new Set([...sources.keys()].map((path) => `${roomOf(path) ?? ''}/${partOf(path)}`))
    return Object.entries(parts).flatMap(([room, inner]) =>
        Object.keys(inner)
            .map((part) => `${room}/${part}`)
            .filter((part) => !met.has(part)),
    )
}

/** Folders of which not exactly one file says that it is the entrance, at its top. Each command is its own. */
export function withoutEntrance(sources: Sources): readonly string[] {
    const folders = new Map<string, string[]>()
    for (const [path, text] of sources) {
        const folder = path.slice('src/'.length, path.lastIndexOf('/'))
        if (!path.startsWith('src/') || ['', 'core', 'commands'].includes(folder)) continue
        const saysSo = text.startsWith(`// Entrance of ${folder}/: `)
        folders.set(folder, [...(folders.get(folder) ?? []), ...(saysSo ? [path] : [])])
    }
    return [...folders].filter(([, entrances]) => entrances.length !== 1).map(([folder]) => folder)
}

/** The core is a library: it knows no terminal, and only some of it knows files. */
export function wrongPackages(sources: Sources): readonly string[] {
    return allImports(sources).flatMap(({ from, specifier, names }) => {
        if (!from.startsWith('src/core/')) return []
        const room = roomOf(from) ?? ''
        if (ofTerminals.test(specifier)) return [`${from} imports ${specifier}`]
        if (!fileSystem.test(specifier) || roomsWithFiles.has(room)) return []
        if (room === readingForCopies.room && names.every((name) => readingForCopies.names.has(name)))
            return []
        return [`${from} imports ${names.join(', ')} from ${specifier}`]
    })
}

/** Nothing in the core prints: what it has to say, it returns. */
export function wrongOutput(sources: Sources): readonly string[] {
    const wrong: string[] = []
    for (const [path, text] of sources) {
        if (!path.startsWith('src/core/')) continue
        const visit = (node: ts.Node): void => {
            if (ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node)) {
                const used = node.getText().replaceAll(/\s+/g, '')
                if (printing.test(used)) wrong.push(`${path} uses ${used}`)
            }
            ts.forEachChild(node, visit)
        }
        visit(parse(path, text))
    }
    return wrong
}

/** Circles of files that import each other, each as a path back to its start. */
export function cycles(sources: Sources): readonly string[] {
    const targets = new Map<string, string[]>()
    for (const { from, to } of allImports(sources)) {
        if (to !== undefined) targets.set(from, [...(targets.get(from) ?? []), to])
    }
    const found: string[] = []
    const done = new Set<string>()
    const walk = (file: string, above: readonly string[]): void => {
        const at = above.indexOf(file)
        if (at >= 0) found.push([...above.slice(at), file].join(' -> '))
        if (at >= 0 || done.has(file)) return
        for (const target of targets.get(file) ?? []) walk(target, [...above, file])
        done.add(file)
    }
    for (const file of sources.keys()) walk(file, [])
    return found
}

/** A file that a comment names: by its path from where it stands, from the core or the sources, or by its name alone. */
const namedFile = /(?<![\w./-])((?:\.{1,2}\/|[\w-]+\/)*[\w-]+\.[jt]s|\.{1,2}\/[\w/-]*[\w-])(?![\w/]|\.\w)/g

/** Files that comments name and that are not there. */
export function lostFiles(sources: Sources): readonly string[] {
    const names = new Set([...sources.keys()].map((path) => asSource(basename(path))))
    const isThere = (path: string) =>
        sources.has(asSource(path)) || sources.has(`${path}.ts`) || existsSync(join(packageFolder, path))
    return [...sources].flatMap(([path, text]) =>
        commentsOf(path, text).flatMap((comment) =>
            [...comment.matchAll(namedFile)]
                .map(([, named = '']) => named)
                .filter((named) => {
                    const from = named.startsWith('.')
                        ? [dirname(path)]
                        : [dirname(path), 'src/core', 'src', '.']
                    const isKnown = !named.includes('/') && names.has(asSource(named))
                    return !isKnown && !from.some((folder) => isThere(join(folder, named)))
                })
                .map((named) => `${path} names ${named}, which is not there`),
        ),
    )
}

const asSource = (path: string) => path.replace(/\.js$/, '.ts')

function commentsOf(path: string, text: string): readonly string[] {
    const comments: string[] = []
    const file = parse(path, text)
    const visit = (node: ts.Node): void => {
        const ranges = ts.getLeadingCommentRanges(text, node.getFullStart()) ?? []
        for (const { pos, end } of ranges) comments.push(text.slice(pos, end))
        ts.forEachChild(node, visit)
    }
    visit(file)
    return [...new Set(comments)]
}

/** Functions with more lines than a screen holds. */
export function tooLong(sources: Sources): readonly string[] {
    const found: string[] = []
    for (const [path, text] of sources) {
        const file = parse(path, text)
        const visit = (node: ts.Node): void => {
            if (ts.isFunctionLike(node)) {
                const first = file.getLineAndCharacterOfPosition(node.getStart(file)).line
                const lines = file.getLineAndCharacterOfPosition(node.getEnd()).line - first + 1
                if (lines > linesOfFunctionMax)
                    found.push(`${path}:${first + 1} has a function of ${lines} lines`)
            }
            ts.forEachChild(node, visit)
        }
        visit(file)
    }
    return found
}

function allImports(sources: Sources): readonly Import[] {
    return [...sources].flatMap(([path, text]) => importsOf(path, text))
}
