// Long work shows on a terminal how far it is, how fast, and how long it will still take. Elsewhere it shows
// nothing.
import type { Ora } from 'ora'

import type { Activity, Progress } from '../core/progress.js'
import { isInteractive } from './text/terminal.js'
import { formatBytes, formatCount, formatSeconds } from './text/units.js'

const names: Readonly<Record<Activity, string>> = {
    check: 'Checking the log',
    order: 'Ordering',
    'load-app': 'Loading the app',
    replay: 'Replaying',
    'check-reductions': 'Checking reductions',
    prove: 'Proving by replay',
    archive: 'Archiving',
    cut: 'Cutting',
    rewrite: 'Rewriting',
    measure: 'Measuring',
    search: 'Searching',
    test: 'Testing',
    compare: 'Comparing',
}

const beforeFirstMilliseconds = 300
const betweenMilliseconds = 100

export class ProgressDisplay {
    #spinner: Ora | undefined
    #loading: Promise<void> | undefined
    #activity: Activity | undefined
    #begin = performance.now()
    #shown = 0
    #stopped = false
    readonly #enabled = isInteractive(process.stderr)

    readonly report = (progress: Progress): void => {
        if (!this.#enabled || this.#stopped) return
        const now = performance.now()
        if (progress.activity !== this.#activity) {
            this.#activity = progress.activity
            this.#begin = now
        }
        // Short work should not flash a spinner.
        if (now - this.#begin < beforeFirstMilliseconds || now - this.#shown < betweenMilliseconds) return
        this.#shown = now
        const text = progressText(progress, now - this.#begin)
        if (this.#spinner) this.#spinner.text = text
        else this.#loading ??= this.#start(text)
    }

    /** Clears the line. */
    async stop(): Promise<void> {
        this.#stopped = true
        await this.#loading
        this.#spinner?.stop()
    }

    async #start(text: string): Promise<void> {
        const { default: ora } = await import('ora')
        // Reading from stdin would take Ctrl-C away from the process.
        // And a signal that ends the process would leave the terminal without its cursor.
        const options = { text, stream: process.stderr, discardStdin: false, hideCursor: false }
        if (!this.#stopped) this.#spinner = ora(options).start()
    }
}

export function progressText({ activity, done, total, unit }: Progress, milliseconds: number): string {
    const name = names[activity]
    const perSecond = milliseconds > 0 ? (done / milliseconds) * 1000 : 0
    if (unit === 'states') return `${name}: state ${formatCount(done)}`
    if (unit === 'runs') return `${name}: run ${done} of ${total}`
    const rate = unit === 'bytes' ? `${formatBytes(perSecond)}/s` : `${formatCount(perSecond)} ${unit}/s`
    if (total === 0) return `${name}: ${rate}`
    const percent = Math.min(100, Math.floor((done / total) * 100))
    const left = perSecond > 0 ? formatSeconds(Math.max(0, total - done) / perSecond) : '?'
    return `${name}: ${percent} %, ${rate}, ${left} left`
}
