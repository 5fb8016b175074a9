// The rows of a host alone, which `npm run bench` ends with.
//   npm run bench:host                     a few minutes
//   npm run bench:host -- --quick          half a minute
//   npm run bench:host -- --folder DIR     on another disk than that of the working directory
// The rows with SQLite need `npm install --no-save better-sqlite3`, which complog itself does not install: it takes a
// compiler, or another network than the registry.
import { parseArgs } from 'node:util'

import { machine } from '../machine.js'
import { benchHost } from './bench-host.js'

const { values } = parseArgs({
    options: {
        quick: { type: 'boolean', default: false },
        rounds: { type: 'string' },
        folder: { type: 'string', default: '.' },
    },
})
process.stdout.write(`${machine()}\n\n`)
await benchHost(values)
