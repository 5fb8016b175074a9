// Documents that hold what the code says or prints are checked against it. With COMPLOG_UPDATE_DOCS=1 they are written anew.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'

export const updatesDocs = process.env['COMPLOG_UPDATE_DOCS'] === '1'

export function assertPrinted(path: string, expected: string): void {
    if (updatesDocs) writeFileSync(path, expected)
    else
        assert.equal(
            readFileSync(path, 'utf8'),
            expected,
            `${path} is out of date: run COMPLOG_UPDATE_DOCS=1 npm test -- docs`,
        )
}
