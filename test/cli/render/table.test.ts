import assert from 'node:assert/strict'
import { test } from 'node:test'

import { Chalk } from 'chalk'

import { keyValues } from '../../../src/cli/render/table.js'

test('what is to be copied is there in full, however narrow the terminal is', () => {
    const hash = 'A'.repeat(64)
    for (const columns of [30, 60, 80]) {
        const text = keyValues([['head', hash]], { chalk: new Chalk({ level: 0 }), columns })
        assert.ok(text.includes(hash), text)
    }
})
