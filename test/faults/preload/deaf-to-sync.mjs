// A control: a command that takes no notice of a sync that fails.
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

const handle = await fs.promises.open(process.execPath, 'r')
const methods = Object.getPrototypeOf(handle)
await handle.close()
for (const name of ['sync', 'datasync']) {
    const original = methods[name]
    methods[name] = function () {
        return original.call(this).catch(() => undefined)
    }
}
const { fdatasyncSync } = fs
fs.fdatasyncSync = (file) => {
    try {
        fdatasyncSync(file)
    } catch {
        // As if nothing had happened.
    }
}
for (const name of ['fsyncSync', 'fdatasyncSync']) {
    const original = fs[name]
    fs[name] = (descriptor) => {
        try {
            original(descriptor)
        } catch {
            // So it goes on.
        }
    }
}
syncBuiltinESMExports()
