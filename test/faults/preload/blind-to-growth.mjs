// A control: a command that does not see what a host appends while it replaces the host's file.
import fs from 'node:fs'

const handle = await fs.promises.open(process.execPath, 'r')
const methods = Object.getPrototypeOf(handle)
await handle.close()
const { stat } = methods
const sizes = new Map()
methods.stat = async function () {
    const stats = await stat.call(this)
    if (!sizes.has(stats.ino)) sizes.set(stats.ino, stats.size)
    stats.size = sizes.get(stats.ino)
    return stats
}
