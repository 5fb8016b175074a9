#!/usr/bin/env node
// Runs the command from its sources, without a build.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { settings } from '@oclif/core'
import { register } from 'tsx/esm/api'

register()
const argv = process.argv.slice(2)
const packageFile = new URL('../package.json', import.meta.url)
const { start } = await import('../src/start.ts')
if (!(await start(argv, packageFile, (name) => import(`../src/commands/${name}.ts`)))) {
    const pjson = JSON.parse(readFileSync(packageFile, 'utf8'))
    pjson.oclif.commands.target = './src/commands'
    process.env.NODE_ENV = 'development'
    settings.debug = true
    // tsx is registered already.
    settings.enableAutoTranspile = false
    const { main } = await import('../src/cli/main.ts')
    await main(argv, { root: fileURLToPath(new URL('..', import.meta.url)), pjson, ignoreManifest: true })
}
