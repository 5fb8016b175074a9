#!/usr/bin/env node
// Runs the command from its sources, without a build.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { settings } from '@oclif/core'
import { register } from 'tsx/esm/api'

register()
const root = fileURLToPath(new URL('..', import.meta.url))
const pjson = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'))
pjson.oclif.commands.target = './src/commands'
process.env.NODE_ENV = 'development'
settings.debug = true
// tsx is registered already.
settings.enableAutoTranspile = false
const { main } = await import('../src/cli/main.ts')
await main(process.argv.slice(2), { root, pjson, ignoreManifest: true })
