import { test } from 'node:test'

import { findingKinds } from '../../src/index.js'
import { assertPrinted } from '../support/printed.js'

test('docs/findings.md lists every finding as the code knows it', async () => {
    const sections = Object.entries(findingKinds).map(
        ([id, { meaning, severity, host, help }]) =>
            `## ${id}\n\n${meaning}\n\n- Severity: **${severity}**\n- A Kalmit host: ${host}\n- What helps: ${help}\n`,
    )
    const intro = `# Findings

What \`complog verify-chain\` reports. The ids are stable: scripts and tests may name them. A finding has a severity, a message, a place (file, line, offset and size in bytes), and where
it is about one record its hash. Any error ends the command with exit code 3, or 16 where a file could not be read; warnings and notes alone end it with 0.

"A Kalmit host" is the one of April 2019, unless said otherwise; what it does was tried, or follows from its source. In a store of 2020-05 or later it is the host
of that time, and a finding says what that does where it is not what stands here.
`
    await assertPrinted('docs/findings.md', [intro, ...sections].join('\n'))
})
