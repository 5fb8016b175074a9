// Writes oclif.manifest.json, from which oclif knows the commands without loading each of them. With what
// the package has of oclif anyway: its development tools write the same, and bring a hundred packages.
//   node scripts/manifest.js
import { writeFileSync } from 'node:fs'

import { Plugin } from '@oclif/core'

const plugin = new Plugin({
    root: process.cwd(),
    type: 'core',
    ignoreManifest: true,
    errorOnManifestCreate: true,
})
await plugin.load()
writeFileSync('oclif.manifest.json', JSON.stringify(plugin.manifest, null, 2))
