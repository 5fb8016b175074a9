#!/usr/bin/env node
// Runs the built command. `npm run build` makes what it loads.
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'

if (!existsSync(new URL('../dist/bundle/start.js', import.meta.url))) {
    process.stderr.write('Error: complog is not built here.\nRun `npm ci`, or `npm run build`.\n')
    process.exit(1)
}
const require = createRequire(import.meta.url)
const { start } = require('../dist/bundle/start.js')
const load = (name) => require('../dist/bundle/load-command.js').loadCommand(name)

const argv = process.argv.slice(2)
const packageFile = new URL('../package.json', import.meta.url)
if (!(await start(argv, packageFile, load))) {
    const { main } = await import('../dist/cli/main.js')
    await main(argv, import.meta.url)
}
