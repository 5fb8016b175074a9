// Documents that hold what the code says or prints are checked against it. With COMPLOG_UPDATE_DOCS=1 they are written anew.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'

import { format, type FormatConfig } from 'oxfmt'

export const updatesDocs = process.env['COMPLOG_UPDATE_DOCS'] === '1'

const { overrides } = JSON.parse(readFileSync('.oxfmtrc.json', 'utf8')) as {
    readonly overrides: readonly { readonly files: readonly string[]; readonly options: FormatConfig }[]
}
const ofPages = overrides.find(({ files }) => files.includes('*.md'))?.options

/** Markdown as the formatter leaves it: its lines wrapped, its tables in columns. */
export async function formatted(path: string, text: string): Promise<string> {
    return (await format(path, text, ofPages)).code
}

/** @param expected the content of the page; lines of any length */
export async function assertPrinted(path: string, expected: string): Promise<void> {
    const page = await formatted(path, expected)
    if (updatesDocs) writeFileSync(path, page)
    else
        assert.equal(
            readFileSync(path, 'utf8'),
            page,
            `${path} is out of date: run COMPLOG_UPDATE_DOCS=1 npm test -- docs`,
        )
}
