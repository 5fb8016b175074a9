// The examples of pages are run as they stand there, one after the other, in a folder that holds a copy of what they
// name. What they print must be what the page says, but for times and speeds. With COMPLOG_UPDATE_DOCS=1 the page gets
// what they print.
import assert from 'node:assert/strict'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { packageFolder } from './build.js'
import { shell } from './cli.js'
import { formatted, updatesDocs } from './printed.js'
import { elmHome } from './test-folder.js'
import { warmComplog } from './warm.js'

interface Example {
    readonly command: string
    readonly output: string
}

const blocks = /```console\n([\s\S]*?)```/g
/** What the page tells a person to do once, and what has been done where the tests run. */
const notRun = /^npm /

/**
 * Runs the examples of a page.
 * @param page path of the page in the package
 * @param folder an empty folder to run them in
 * @returns how many there were
 * @throws AssertionError where one prints something else than the page says
 */
export async function assertExamples(page: string, folder: string): Promise<number> {
    const text = readFileSync(page, 'utf8')
    for (const named of new Set(text.match(/\bfixtures\/[\w-]+/g)))
        cpSync(join(packageFolder, named), join(folder, named), { recursive: true })
    let examples = 0
    let renewed = ''
    let end = 0
    for (const { 0: whole, 1: block = '', index } of text.matchAll(blocks)) {
        renewed += text.slice(end, index)
        end = index + whole.length
        const parts: string[] = []
        for (const { command, output } of examplesIn(block)) {
            if (!notRun.test(command)) examples += 1
            const printed = notRun.test(command) ? output : await outputOf(command, folder)
            const isSame = comparable(printed) === comparable(output)
            if (!updatesDocs) assert.equal(comparable(printed), comparable(output), `${page}: $ ${command}`)
            const shown = isSame ? output : printed
            parts.push(`$ ${command}\n${shown === '' ? '' : `${shown}\n`}`)
        }
        renewed += `\`\`\`console\n${parts.join('')}\`\`\``
    }
    renewed += text.slice(end)
    if (updatesDocs && renewed !== text) writeFileSync(page, await formatted(page, renewed))
    return examples
}

function examplesIn(block: string): readonly Example[] {
    return block
        .split(/^\$ /m)
        .filter((part) => part.trim() !== '')
        .map((part) => {
            const end = part.indexOf('\n')
            return { command: part.slice(0, end), output: part.slice(end + 1).trimEnd() }
        })
}

async function outputOf(command: string, folder: string): Promise<string> {
    const line = command.replace(/^node bin\/run\.js/, 'complog')
    const options = { cwd: folder, env: { ELM_HOME: elmHome } }
    const words = plainWords(line)
    const { stdout, stderr } = await (words === undefined
        ? shell(line, options)
        : warmComplog(words, options))
    const gap = stdout !== '' && stderr !== '' && !stdout.endsWith('\n') ? '\n' : ''
    return (stdout + gap + stderr).trimEnd()
}

/** The arguments of a line that is nothing but one command; undefined where a shell has to read it. */
function plainWords(line: string): readonly string[] | undefined {
    const [name, ...words] = line.match(/'[^']*'|[^\s']+/g) ?? []
    if (name !== 'complog' || /[$`"\\|&;<>(){}*?~\n]|\S'|'\S/.test(line.replace(/'[^']*'/g, "' '")))
        return undefined
    return words.map((word) => (word.startsWith("'") ? word.slice(1, -1) : word))
}

/** Times, rates and shares differ from run to run. */
export function masked(text: string): string {
    return text
        .replace(/\d[\d.,]* (µs|ms|s|min)\b/g, '<time>')
        .replace(/("[\w]*(?:[mM]illiseconds|PerSecond|HeapBytes)": )[\d.]+/g, '$1<number>')
        .replace(/\d[\d.,]* (B|kB|MB|GB)\/s/g, '<rate>')
        .replace(/\d[\d.,]* events\/s/g, '<rate>')
        .replace(/\d[\d.]* MB heap/g, '<size> heap')
        .replace(/\d+ %/g, '<share>')
        .replace(/ +/g, ' ')
}

/** Which events are the slowest, and which kind takes the most time, nobody knows beforehand. */
function comparable(text: string): string {
    return masked(text)
        .replace(/Slowest events:\n[\s\S]*?\n\n/, 'Slowest events:\n…\n\n')
        .replace(/(Time by kind of event:\n.*\n)([\s\S]*)$/, (_, head: string, rows: string) => {
            return head + rows.split('\n').sort().join('\n')
        })
}
