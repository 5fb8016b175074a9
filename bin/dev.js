#!/usr/bin/env node
// Runs the command from its sources, without a build.
'use strict'
const { readFileSync } = require('node:fs')
const { join } = require('node:path')
const { pathToFileURL } = require('node:url')

const root = join(__dirname, '..')
const packageFile = pathToFileURL(join(root, 'package.json'))

async function run(argv) {
    const { register } = await import('tsx/esm/api')
    register()
    const { start } = await import('../src/start.ts')
    if (await start(argv, packageFile, (name) => import(`../src/commands/${name}.ts`))) return
    const pjson = JSON.parse(readFileSync(packageFile, 'utf8'))
    pjson.oclif.commands.target = './src/commands'
    process.env.NODE_ENV = 'development'
    const { settings } = await import('@oclif/core')
    settings.debug = true
    // tsx is registered already.
    settings.enableAutoTranspile = false
    const { main } = await import('../src/cli/main.ts')
    await main(argv, { root, pjson, ignoreManifest: true })
}

void run(process.argv.slice(2))
