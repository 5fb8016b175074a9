// A control: a command that says that something is done before it is on the disk.
import childProcess from 'node:child_process'
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

const handle = await fs.promises.open(process.execPath, 'r')
const methods = Object.getPrototypeOf(handle)
await handle.close()
methods.sync = () => Promise.resolve()
methods.datasync = () => Promise.resolve()
fs.fsyncSync = () => undefined
fs.fdatasyncSync = () => undefined
// `sync -f`, which the command runs where there is much to sync.
childProcess.execFile = (_program, _args, _options, done) => done(null, '', '')
syncBuiltinESMExports()
