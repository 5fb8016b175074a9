// A control: a command that takes no notice of a sync that fails.
import fs from 'node:fs'

const handle = await fs.promises.open(process.execPath, 'r')
const methods = Object.getPrototypeOf(handle)
await handle.close()
const { sync } = methods
methods.sync = function () {
    return sync.call(this).catch(() => undefined)
}
