// Loaded before a measured command: tells the one who measures, on file descriptor 3, how much memory it took.
import { writeSync } from 'node:fs'

process.on('exit', () => {
    writeSync(3, String(process.resourceUsage().maxRSS))
})
