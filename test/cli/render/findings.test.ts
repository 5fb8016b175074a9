import assert from 'node:assert/strict'
import { test } from 'node:test'

import { Chalk } from 'chalk'

import { renderFindings } from '../../../src/cli/render/findings.js'
import { finding } from '../../../src/core/composition/finding.js'

const style = { chalk: new Chalk({ level: 0 }), columns: 200 }

test('what a host does and what helps is said once, and again where it is something else', () => {
    const found = [
        finding('altered-record', 'One.'),
        finding('altered-record', 'Two.'),
        finding('altered-record', 'Three.', { host: 'Starts from it.', help: 'Ask.' }),
        finding('altered-record', 'Four.', { host: 'Starts from it.', help: 'Ask.' }),
    ]
    const text = renderFindings(found, 0, style)
    const explained = text.split('\n').filter((line) => /^ {2}(Host|Help):/.test(line))
    assert.deepEqual(
        explained.map((line) => line.trim()),
        [`Host: ${found[0]!.host}`, `Help: ${found[0]!.help}`, 'Host: Starts from it.', 'Help: Ask.'],
    )
})
