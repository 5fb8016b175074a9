// The records of a log as a chain of commits: what git makes of the same.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'

import type { BenchLog } from './make-log.js'
import { runProcess } from './processes.js'

const version = 1

/** Why there is no git to compare with; undefined where there is. */
export function noGit(): string | undefined {
    try {
        runProcess('git', ['--version'])
        return undefined
    } catch (error) {
        return `git does not run here (${(error as Error).message})`
    }
}

/** A repository with one commit a record, its message the line of the record. Made once, and left beside the log. */
export function cachedGitChain(log: BenchLog): string {
    const repository = `${log.store}-git-v${version}`
    if (!existsSync(repository)) {
        const unfinished = `${repository}-unfinished`
        rmSync(unfinished, { recursive: true, force: true })
        mkdirSync(unfinished, { recursive: true })
        runProcess('git', ['init', '--quiet', '--bare', unfinished])
        runProcess('git', ['fast-import', '--quiet'], { cwd: unfinished, input: commitsOf(log) })
        renameSync(unfinished, repository)
    }
    return repository
}

/** Each commit follows the one before it on the branch. */
function commitsOf(log: BenchLog): Buffer {
    const lines = readFileSync(log.file, 'utf8').trimEnd().split('\n')
    const author = 'committer bench <bench@localhost> 1556452842 +0000'
    const commits = lines.map(
        (line) => `commit refs/heads/main\n${author}\ndata ${Buffer.byteLength(line)}\n${line}\n`,
    )
    return Buffer.from(commits.join(''))
}
