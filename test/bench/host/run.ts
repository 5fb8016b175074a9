// The rows of a host alone, which `npm run bench` ends with.
//   npm run bench:host                     a few minutes
//   npm run bench:host -- --quick          half a minute
//   npm run bench:host -- --folder DIR     on another disk than that of the working directory
//   npm run bench:host -- --soak           memory and speed over 5,000,000 events, a day as it were; a few minutes
//   npm run bench:host -- --soak --truncates      the same with a log that is truncated after each reduction
// The rows with SQLite need `npm install --no-save better-sqlite3`, which complog itself does not install: it takes a
// compiler, or another network than the registry.
import { parseArgs } from 'node:util'

import { machine } from '../machine.js'
import { benchHost } from './bench-host.js'
import { soak } from './soak.js'

const { values } = parseArgs({
    options: {
        quick: { type: 'boolean', default: false },
        rounds: { type: 'string' },
        folder: { type: 'string', default: '.' },
        soak: { type: 'boolean', default: false },
        truncates: { type: 'boolean', default: false },
        /** How many events to soak with. */
        events: { type: 'string', default: '5000000' },
    },
})
process.stdout.write(`${machine()}\n\n`)
if (values.soak) {
    const onRow = (row: readonly string[]) => void process.stderr.write(`${row.join(' | ')}\n`)
    process.stdout.write(`${await soak({ ...values, events: Number(values.events), onRow })}\n`)
} else {
    await benchHost(values)
}
