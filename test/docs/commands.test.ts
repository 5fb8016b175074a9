// One page a command: its examples are run, and its options and exit codes are those of the command.
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { after, describe, test } from 'node:test'

import { manifestPath, requireBuild } from '../support/build.js'
import { assertExamples } from '../support/examples.js'
import { assertPrinted } from '../support/printed.js'
import { temporaryFolder } from '../support/temporary.js'

requireBuild()

interface Flag {
    readonly name: string
    readonly char?: string
    readonly description?: string
    readonly summary?: string
    readonly helpGroup?: string
    readonly helpValue?: string
    readonly options?: readonly string[]
    readonly default?: string | number | boolean
    readonly required?: boolean
}

interface Command {
    readonly description: string
    readonly flags: Readonly<Record<string, Flag>>
}

const { commands } = JSON.parse(readFileSync(manifestPath, 'utf8')) as {
    readonly commands: Readonly<Record<string, Command>>
}
const all = Object.values(commands)

describe('the page of', { concurrency: 2 }, () => {
    for (const [name, command] of Object.entries(commands)) {
        const page = `docs/commands/${name}.md`
        test(`${name} has its options and exit codes, and its examples print what it says`, async () => {
            const own = Object.values(command.flags).filter((flag) => !isShared(flag))
            const shared = Object.values(command.flags).some(({ helpGroup }) => helpGroup === 'APP')
                ? 'And those that [several commands](README.md#options-of-several-commands) have: of the app, limits, output.'
                : 'And [`--max-line-size`, `--json` and `--no-color`](README.md#options-of-several-commands).'
            const options = own.length === 0 ? shared : `${optionTable(own)}\n\n${shared}`
            await assertSections(page, { Options: options, 'Exit codes': exitCodeTable([command]) })
            const examples = await assertExamples(page, temporaryFolder({ after }))
            // What a host answers is held by a test of its own.
            assert.ok(examples > 0 || name === 'host')
        })
    }
})

test('the page on all commands has what they share', async () => {
    const shared = new Map(
        all.flatMap(({ flags }) => Object.values(flags).filter(isShared)).map((flag) => [flag.name, flag]),
    )
    const ordered = [...shared.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
    await assertSections('docs/commands/README.md', {
        'Options of several commands': optionTable(ordered),
        'Exit codes': exitCodeTable(all),
    })
})

test('every command has a page, and stands in the tables of commands', () => {
    for (const name of Object.keys(commands)) {
        assert.ok(existsSync(`docs/commands/${name}.md`), name)
        assert.match(readFileSync('README.md', 'utf8'), new RegExp(`\\| \\[\`${name}\`\\]`))
        assert.match(readFileSync('docs/commands/README.md', 'utf8'), new RegExp(`\\| \\[\`${name}\`\\]`))
    }
})

/** An option that means the same wherever it is, so that one page explains it. */
function isShared({ name, helpGroup }: Flag): boolean {
    return helpGroup === 'APP' || helpGroup === 'GLOBAL' || sharedLimits.has(name)
}

const sharedLimits: ReadonlySet<string> = new Set(['app-heap', 'event-timeout', 'max-line-size'])

function optionTable(flags: readonly Flag[]): string {
    const rows = flags.map((flag) => {
        const { name, char, helpValue } = flag
        const value = helpValue === undefined ? '' : ` ${helpValue.replace(/\.\.\.$/, '')}`
        const short = char === undefined ? '' : `\`-${char}\`, `
        return `| ${short}\`--${name}${value}\` | ${meaningOf(flag)} |`
    })
    return ['| option | meaning |', '| --- | --- |', ...rows].join('\n')
}

function meaningOf({ summary, description, options, default: byDefault, required }: Flag): string {
    const text = (summary ?? description ?? '').replaceAll('|', '\\|')
    const choice = options === undefined ? '' : `: ${options.map((option) => `\`${option}\``).join(', ')}`
    const isSaid = text.includes('[default')
    const without = byDefault === undefined || isSaid ? '' : ` [default: ${String(byDefault)}]`
    return `${text}${choice}${without}${required === true ? ' (required)' : ''}`
}

/** The exit codes that the help of one of these commands lists. */
function exitCodeTable(of: readonly Command[]): string {
    const codes = new Map<number, string>()
    for (const { description } of of) {
        const [, list = ''] = description.split('Exit codes:\n')
        for (const [, code, meaning] of list.matchAll(/^(\d+) +(.+)$/gm)) codes.set(Number(code), meaning!)
    }
    assert.ok(codes.size > 5)
    const rows = [...codes].sort(([a], [b]) => a - b).map(([code, meaning]) => `| ${code} | ${meaning} |`)
    return ['| exit code | meaning |', '| --- | --- |', ...rows].join('\n')
}

/** The page with these sections, each up to the next heading, as they are said to be. */
async function assertSections(page: string, sections: Readonly<Record<string, string>>): Promise<void> {
    const text = readFileSync(page, 'utf8')
    let expected = text
    for (const [heading, body] of Object.entries(sections)) {
        const section = new RegExp(`^## ${heading}\\n[^]*?(?=^## |$(?![^]))`, 'm')
        assert.match(text, section, page)
        expected = expected.replace(section, () => `## ${heading}\n\n${body}\n\n`)
    }
    await assertPrinted(page, expected)
}
