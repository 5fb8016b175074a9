// Loaded before a measured command: tells the one who measures, on file descriptor 3, how much memory it took.
import { readFileSync, writeSync } from 'node:fs'

/** Kibibytes. What the process counts for itself begins with what its parent held when it was started. */
function memoryMax() {
    try {
        const [, kibibytes] = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
        return kibibytes ?? process.resourceUsage().maxRSS
    } catch {
        return process.resourceUsage().maxRSS
    }
}

process.on('exit', () => {
    writeSync(3, String(memoryMax()))
})
