// A control: a command that removes a file and writes it anew, instead of putting a whole one in its place.
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

const { readFileSync, rmSync, unlinkSync, writeFileSync } = fs
fs.renameSync = (from, to) => {
    rmSync(to, { force: true })
    writeFileSync(to, readFileSync(from))
    unlinkSync(from)
}
const { open, readFile, rename, rm, stat, unlink } = fs.promises
fs.promises.rename = async (from, to) => {
    // Of a folder, and of what is not there, nothing is written anew.
    if (!(await stat(from)).isFile()) return rename(from, to)
    const bytes = await readFile(from)
    await rm(to, { force: true })
    const handle = await open(to, 'wx')
    const half = Math.ceil(bytes.length / 2)
    try {
        await handle.write(bytes, 0, half)
        await handle.write(bytes, half)
        await handle.sync()
    } finally {
        await handle.close()
    }
    await unlink(from)
}
syncBuiltinESMExports()
