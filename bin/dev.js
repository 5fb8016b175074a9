#!/usr/bin/env -S node --import tsx
// Runs the command from its sources, without a build.
const { settings } = await import('@oclif/core')
settings.debug = true
process.env.NODE_ENV = 'development'
const { main } = await import('../src/cli/main.ts')
await main(process.argv.slice(2), import.meta.url)
