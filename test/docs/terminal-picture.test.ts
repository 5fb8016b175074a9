import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'

import { packageFolder, requireBuild } from '../support/build.js'
import { masked } from '../support/examples.js'
import { updatesDocs } from '../support/printed.js'
import { noTerminal } from '../support/terminal.js'

requireBuild()

const { drawn, shownOnTerminal } = (await import(
    `${pathToFileURL(packageFolder).href}/scripts/terminal-picture.js`
)) as { readonly drawn: (shown: string) => string; readonly shownOnTerminal: () => string }

test("the README's picture is what the terminal shows", { skip: noTerminal }, () => {
    const path = 'docs/terminal.svg'
    const now = drawn(shownOnTerminal())
    const committed = readFileSync(path, 'utf8')
    if (updatesDocs && masked(now) !== masked(committed)) writeFileSync(path, now)
    else assert.equal(masked(committed), masked(now))
    assert.match(now, /<tspan fill="#ff7b72">error<\/tspan>/)
})

test('an escape sequence that the picture could not show is an error', () => {
    assert.throws(() => drawn('\x1b[48;5;9mred'), /not drawn/)
    assert.match(drawn('a < b & c'), /a &lt; b &amp; c/)
})
