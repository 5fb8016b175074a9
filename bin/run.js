#!/usr/bin/env node
// Runs the built command. `npm run build` makes what it imports.
const { main } = await import('../dist/cli/main.js')
await main(process.argv.slice(2), import.meta.url)
