// Writes the JSON Schemas that ship with the package: `node write-schemas.js FOLDER`, as a step of the build.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { z } from 'zod'

import { envelope } from './common.js'
import { results } from './results.js'

const [folder = 'schemas'] = process.argv.slice(2)
mkdirSync(folder, { recursive: true })
for (const [command, result] of Object.entries(results)) {
    const schema = { $id: `complog/${command}/1`, ...z.toJSONSchema(envelope(command, result)) }
    writeFileSync(join(folder, `${command}.schema.json`), `${JSON.stringify(schema, null, 2)}\n`)
}
