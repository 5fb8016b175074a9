// File systems of a test's own: small ones, read-only ones, and one that loses power. Needs root and Linux.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Why no file system can be mounted here; undefined where one can. */
export function whyNoMounts(): string | undefined {
    if (process.platform !== 'linux') return 'mounts are for Linux'
    if (process.getuid?.() !== 0) return 'only root may mount a file system'
    const folder = mkdtempSync(join(tmpdir(), 'complog-mount-'))
    const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', folder], { encoding: 'utf8' })
    if (status === 0) execFileSync('umount', [folder])
    rmSync(folder, { recursive: true })
    return status === 0 ? undefined : `no file system can be mounted here: ${stderr.trim()}`
}

/** Why no disk can lose power here; undefined where one can. */
export function whyNoPowerLoss(): string | undefined {
    const why = whyNoMounts()
    if (why !== undefined) return why
    for (const tool of ['mkfs.ext4', 'losetup', 'python3']) {
        if (spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0) return `there is no ${tool} here`
    }
    try {
        const disk = new Disk()
        disk.remove()
        return undefined
    } catch (error) {
        return `no loop device with ext4 can be mounted here: ${String(error).slice(0, 200)}`
    }
}

/** A file system in memory of a given size. */
export async function withTmpfs<T>(options: string, use: (folder: string) => Promise<T>): Promise<T> {
    const folder = mkdtempSync(join(tmpdir(), 'complog-tmpfs-'))
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder])
    try {
        return await use(folder)
    } finally {
        execFileSync('umount', ['-l', folder])
        rmSync(folder, { recursive: true })
    }
}

/** A folder that can be reached by a second path, or lies on a mount of its own where both paths are the same. */
export async function withBindMount<T>(folder: string, at: string, use: () => Promise<T>): Promise<T> {
    execFileSync('mount', ['--bind', folder, at])
    try {
        return await use()
    } finally {
        execFileSync('umount', ['-l', at])
    }
}

export function remount(folder: string, options: string): void {
    execFileSync('mount', ['-o', `remount,${options}`, folder])
}

/** Nothing that was not synced may reach the disk by itself while a test runs. */
const commitSeconds = 3000
const sizeBytes = 32 * 1024 * 1024

// EXT4_IOC_SHUTDOWN with EXT4_GOING_FLAGS_NOLOGFLUSH: from now on nothing reaches the disk, not even the journal.
const shutdown = `
import fcntl, os, struct, sys
folder = os.open(sys.argv[1], os.O_RDONLY)
fcntl.ioctl(folder, 0x8004587d, struct.pack('I', 2))
`

/** An ext4 disk in a file, which can lose its power. */
export class Disk {
    readonly folder: string
    readonly #image: string

    constructor() {
        const below = mkdtempSync(join(tmpdir(), 'complog-disk-'))
        this.folder = join(below, 'disk')
        this.#image = join(below, 'image')
        mkdirSync(this.folder)
        writeFileSync(this.#image, '')
        truncateSync(this.#image, sizeBytes)
        execFileSync('mkfs.ext4', ['-q', '-F', this.#image])
        this.#mount()
    }

    /** Everything written so far is on the disk. */
    sync(): void {
        execFileSync('sync', ['-f', this.folder])
    }

    /** Loses its power, and gets it back. */
    losePower(): void {
        this.cutPower()
        this.restorePower()
    }

    /** From now on nothing reaches the disk, and whoever writes to it is told so. */
    cutPower(): void {
        execFileSync('python3', ['-c', shutdown, this.folder])
    }

    /** Nobody may have a file open there. */
    restorePower(): void {
        execFileSync('umount', [this.folder])
        this.#mount()
    }

    remove(): void {
        execFileSync('umount', [this.folder])
        rmSync(join(this.folder, '..'), { recursive: true })
    }

    #mount(): void {
        execFileSync('mount', ['-t', 'ext4', '-o', `loop,commit=${commitSeconds}`, this.#image, this.folder])
    }
}
