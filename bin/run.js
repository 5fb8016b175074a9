#!/usr/bin/env node
// Runs the built command. `npm run build` makes what it loads. CommonJS, as package.json beside it says: Node
// starts that sooner than a module.
'use strict'
const { existsSync } = require('node:fs')
const { join } = require('node:path')
const { pathToFileURL } = require('node:url')

if (!existsSync(join(__dirname, '../dist/bundle/start.js'))) {
    process.stderr.write('Error: complog is not built here.\nRun `npm ci`, or `npm run build`.\n')
    process.exit(1)
}
const { start } = require('../dist/bundle/start.js')
const load = (name) => require('../dist/bundle/load-command.js').loadCommand(name)

async function run(argv) {
    const packageFile = pathToFileURL(join(__dirname, '../package.json'))
    if (await start(argv, packageFile, load)) return
    const { main } = await import('../dist/cli/main.js')
    await main(argv, packageFile.href)
}

// Rejected, it ends the process as a throw does.
void run(process.argv.slice(2))
