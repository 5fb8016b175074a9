// The short form of what `npm run test:faults` does with 600 MB, a million levels and 100,000 files.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { smallScale, tryBounds } from './bounds.js'

const isWindows = process.platform === 'win32'

test(
    'no input makes complog use unbounded memory or end without a message',
    { skip: isWindows && 'links need rights on Windows' },
    async () => assert.equal((await tryBounds(smallScale)).describeLost(20), ''),
)
