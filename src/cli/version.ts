// What `complog --version` says, in the words of oclif, which says it everywhere else.
import { readFileSync } from 'node:fs'
import { release } from 'node:os'

/** Undefined where only oclif knows what to call the platform: on Linux within Windows. */
export function versionText(packageFile: URL): string | undefined {
    const { platform, arch, version: node } = process
    if (platform === 'linux' && mayBeWithinWindows()) return undefined
    const { name, version } = JSON.parse(readFileSync(packageFile, 'utf8')) as Record<string, string>
    return `${name}/${version} ${platform}-${arch === 'ia32' ? 'x86' : arch} node-${node}`
}

function mayBeWithinWindows(): boolean {
    return process.env['WSL_DISTRO_NAME'] !== undefined || release().toLowerCase().includes('microsoft')
}
