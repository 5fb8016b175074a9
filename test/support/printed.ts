// Documents that hold what the code says or prints are checked against it. With COMPLOG_UPDATE_DOCS=1 they are written anew.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'

import { format, resolveConfig } from 'prettier'

export const updatesDocs = process.env['COMPLOG_UPDATE_DOCS'] === '1'

/** Markdown as the formatter leaves it: its lines wrapped, its tables in columns. */
export async function formatted(path: string, text: string): Promise<string> {
    return format(text, { ...(await resolveConfig(path)), filepath: path })
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
