// Writes the JSON Schemas that ship with the package: `node dist/cli/json/write-schemas.js FOLDER`, as a step
// of the build.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { z } from 'zod'

import { envelope } from './common.js'
import { results } from './results.js'
import { type CommandName, schemaOf } from './versions.js'

const [folder = 'schemas'] = process.argv.slice(2)
mkdirSync(folder, { recursive: true })
for (const [name, result] of Object.entries(results)) {
    const command = name as CommandName
    const schema = { $id: schemaOf(command), ...z.toJSONSchema(envelope(command, result)) }
    writeFileSync(join(folder, `${command}.schema.json`), `${JSON.stringify(schema, null, 2)}\n`)
}
