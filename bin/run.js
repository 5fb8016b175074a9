#!/usr/bin/env node
// Runs the built command. `npm run build` makes what it loads.
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
const { start } = require('../dist/bundle/start.js')

const argv = process.argv.slice(2)
const packageFile = new URL('../package.json', import.meta.url)
if (!(await start(argv, packageFile, (name) => require(`../dist/bundle/${name}.js`)))) {
    const { main } = await import('../dist/cli/main.js')
    await main(argv, import.meta.url)
}
