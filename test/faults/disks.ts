// Disks that refuse: full ones, read-only ones, stores that a user may not write to, and files that may not grow.
import { chmodSync, chownSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { binary } from '../support/build.js'
import { type CliResult, complog, environment, run } from '../support/cli.js'
import { readFiles } from '../support/temporary.js'
import { preload, type Weakness } from './held-command.js'
import { remount, withTmpfs } from './mounts.js'
import { problemsAfterFault, problemsWhenDone } from './outcome.js'
import { makeWork, type Subject } from './subjects.js'
import { inFolder, problemsRunAgain } from './sweep.js'
import { Tally } from './tally.js'

const pageSizeBytes = 4096
const nobody = 65534

/** Disks with room for so many more pages: none, one, and so on. */
export async function sweepFullDisks(
    subject: Subject,
    roomsPages: readonly number[],
    weakness?: Weakness,
): Promise<Tally> {
    const tally = new Tally(`${subject.name}: full disks`, weakness)
    for (const room of roomsPages) {
        const problems = await withTmpfs('size=1m', async (folder) => {
            const work = makeWork(folder, subject)
            const filler = join(folder, 'filler')
            const { bavail } = statfsSync(folder)
            writeFileSync(filler, Buffer.alloc((bavail - room) * pageSizeBytes))
            const before = hostFiles(work)
            const options = weakness === undefined ? [] : [preload(weakness)]
            const result = await run(process.execPath, [...options, binary, ...subject.args(work)])
            const found = await refused(subject, work, result, 'ENOSPC', before)
            rmSync(filler)
            return [...found, ...(await problemsRunAgain(subject, work))]
        })
        tally.add(`room for ${room} pages`, problems)
    }
    return tally
}

/** Disks with room for so many more files and folders. */
export async function sweepFilesExhausted(subject: Subject, rooms: readonly number[]): Promise<Tally> {
    const tally = new Tally(`${subject.name}: disks with no room for files`)
    for (const room of rooms) {
        const problems = await withTmpfs('size=1m', async (folder) => {
            const work = makeWork(folder, subject)
            const used = readdirSync(folder, { recursive: true }).length + 1
            remount(folder, `nr_inodes=${used + room}`)
            const before = hostFiles(work)
            const result = await complog(subject.args(work))
            const found = await refused(subject, work, result, 'ENOSPC', before)
            remount(folder, 'nr_inodes=1000')
            return [...found, ...(await problemsRunAgain(subject, work))]
        })
        tally.add(`room for ${room} files`, problems)
    }
    return tally
}

/** A file system that was mounted read-only, as ext4 does by itself when its disk fails. */
export async function tryReadOnly(subject: Subject): Promise<Tally> {
    const tally = new Tally(`${subject.name}: read-only file system`)
    const problems = await withTmpfs('size=1m', async (folder) => {
        const work = makeWork(folder, subject)
        remount(folder, 'ro')
        const before = hostFiles(work)
        const result = await complog(subject.args(work))
        const found = await refused(subject, work, result, 'EROFS', before)
        remount(folder, 'rw')
        return [...found, ...(await problemsRunAgain(subject, work))]
    })
    tally.add('mounted read-only', problems)
    return tally
}

/** A user who may read everything, and may not write to one folder or to none. */
export async function tryWithoutRights(subject: Subject): Promise<Tally> {
    const tally = new Tally(`${subject.name}: no right to write`)
    for (const writable of ['', 'store', 'store/.complog', 'store/composition', 'store/reduction']) {
        const problems = await withTmpfs('size=1m', async (folder) => {
            const work = makeWork(folder, subject)
            chmodSync(folder, 0o755)
            for (const name of readdirSync(work, { recursive: true, encoding: 'utf8' })) {
                if (writable !== '' && `${name}/`.startsWith(`${writable}/`))
                    chownSync(join(work, name), nobody, nobody)
            }
            const before = hostFiles(work)
            const result = await complog(subject.args(work), { uid: nobody })
            const found = await refused(subject, work, result, 'EACCES', before)
            return [...found, ...(await problemsRunAgain(subject, work))]
        })
        tally.add(`may write to ${writable === '' ? 'nothing' : writable}`, problems)
    }
    return tally
}

/** Files that may not grow beyond so many blocks of 512 bytes: the write before the refusal is a short one. */
export async function sweepFileSizes(subject: Subject, blocks: readonly number[]): Promise<Tally> {
    const tally = new Tally(`${subject.name}: files that may not grow`)
    for (const limit of blocks) {
        const problems = await inFolder('/tmp', async (folder) => {
            const work = makeWork(folder, subject)
            const before = hostFiles(work)
            const script = `ulimit -f ${limit}; exec "$@"`
            const command = [process.execPath, binary, ...subject.args(work)]
            const result = await run('/bin/sh', ['-c', script, 'sh', ...command], {
                env: environment() as Record<string, string>,
            })
            const found = await refused(subject, work, result, 'EFBIG', before)
            return [...found, ...(await problemsRunAgain(subject, work))]
        })
        tally.add(`at most ${limit} blocks`, problems)
    }
    return tally
}

/** What a host reads, to the byte. */
function hostFiles(work: string): Record<string, string> {
    const files = Object.entries(readFiles(join(work, 'store')))
    const ofHost = files.filter(([path]) => /^(?:composition|reduction)\//.test(path))
    return Object.fromEntries(ofHost.map(([path, bytes]) => [path, bytes.toString('latin1')]))
}

/** What is wrong with a refusal: 16 with the code of the system and a path, and not a byte changed. */
async function refused(
    subject: Subject,
    work: string,
    { exitCode, stderr }: CliResult,
    code: string,
    before: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
    if (exitCode === 0) return problemsWhenDone(subject, work)
    const problems = [...(await problemsAfterFault(subject, work))]
    // Long paths are wrapped at spaces only, so a path stands whole.
    if (exitCode !== 16 || !stderr.includes(code) || !stderr.includes(work))
        problems.push(`ends with ${exitCode ?? ''}: ${stderr}`)
    if (JSON.stringify(hostFiles(work)) !== JSON.stringify(before)) problems.push('it has changed the store')
    return problems
}
