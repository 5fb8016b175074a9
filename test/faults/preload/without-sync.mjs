// A control: a command that says that something is done before it is on the disk.
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

const handle = await fs.promises.open(process.execPath, 'r')
const methods = Object.getPrototypeOf(handle)
await handle.close()
methods.sync = () => Promise.resolve()
methods.datasync = () => Promise.resolve()
fs.fsyncSync = () => undefined
fs.fdatasyncSync = () => undefined
syncBuiltinESMExports()
