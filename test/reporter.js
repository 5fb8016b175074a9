// What Node's own `spec` reporter says, with places in the sources where it names some in what test/run.js has
// translated. That is seldom needed: to read the maps in each process of tests takes a tenth of its time.
import { existsSync, readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { Readable } from 'node:stream'
import { spec } from 'node:test/reporters'

const place = /(?:file:\/\/)?([^\s()']*\.tests-[^\s()']+\.js):(\d+):(\d+)/g
const maps = new Map()

export default async function* reporter(events) {
    for await (const text of Readable.from(events).compose(new spec()))
        yield String(text).replace(place, inSources)
}

function inSources(asIs, path, line, column) {
    if (!maps.has(path)) maps.set(path, mapOf(path))
    const found = maps.get(path)?.findEntry(line - 1, column - 1)
    if (found?.originalSource === undefined) return asIs
    const source = relative(process.cwd(), join(dirname(path), found.originalSource))
    return `${source}:${found.originalLine + 1}:${found.originalColumn + 1}`
}

function mapOf(path) {
    const file = `${path}.map`
    return existsSync(file) ? new SourceMap(JSON.parse(readFileSync(file, 'utf8'))) : undefined
}
