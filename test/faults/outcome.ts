// What must hold of a store after a fault: before or after, nothing between that a person would have to mend.
import { existsSync } from 'node:fs'
import { join } from 'node:path'

import { parseRef } from '../../src/core/composition/ref.js'
import { restore } from '../../src/core/restore/restore.js'
import { openProcessStore } from '../../src/core/store/process-store.js'
import { inProcessCounter } from '../support/in-process-app.js'
import { linesOf, openAndCheck } from '../support/stores.js'
import { filePaths, readFiles } from '../support/temporary.js'
import type { Subject } from './subjects.js'

/** What is wrong with a store after a fault; nothing where all holds. */
export async function problemsAfterFault(subject: Subject, folder: string): Promise<readonly string[]> {
    const problems: string[] = []
    const store = join(folder, 'store')
    const { head, state, isDamaged = false } = subject
    const { findings, longest } = await openAndCheck(store)
    if (!isDamaged) {
        const error = findings.list.find(({ severity }) => severity === 'error')
        if (error !== undefined) problems.push(`verify-chain: ${error.id} ${error.message}`)
        if (longest.head !== head) problems.push(`another head: ${longest.head}`)
    }
    try {
        const options = isDamaged ? { head: parseRef(head) } : {}
        const restored = await restore(await openProcessStore(store), inProcessCounter(), options)
        if (restored.state !== state || restored.hash !== head)
            problems.push(`restores to ${restored.state} at ${restored.hash}`)
    } catch (error) {
        problems.push(`restores no more: ${(error as Error).message}`)
    }
    const standing = linesStanding(folder)
    const lost = subject.lines.filter((line) => !standing.has(line))
    if (lost.length > 0) problems.push(`${lost.length} records are in no place: ${lost[0] ?? ''}`)
    for (const part of ['store', 'archive', 'ordered']) {
        for (const name of filePaths(join(folder, part))) {
            if (/^(?:composition|reduction)\//.test(name) && !subject.names.has(name))
                problems.push(`${name} should not be there`)
        }
    }
    return problems
}

/** What is wrong where the command has said that it is done. */
export async function problemsWhenDone(subject: Subject, folder: string): Promise<readonly string[]> {
    const problems = [
        ...(await problemsAfterFault({ ...subject, isDamaged: subject.isReadOnly === true }, folder)),
    ]
    if (subject.isDamaged === true && problems.length === 0)
        return problemsWhenDone({ ...subject, isDamaged: false }, folder)
    if (!subject.isFinished(folder)) problems.push('the work is not finished')
    if (subject.other !== undefined) {
        const other = await openAndCheck(join(folder, subject.other.folder))
        if (other.findings.counts.error > 0) problems.push(`${subject.other.folder} is not sound`)
        if (other.longest.head !== subject.other.head)
            problems.push(`${subject.other.folder} has another head`)
    }
    for (const part of ['store', 'archive', 'ordered']) {
        const left = filePaths(join(folder, part, '.complog')).filter(
            (name) => !/^(?:append-)?lock$/.test(name),
        )
        if (left.length > 0) problems.push(`left in ${part}/.complog: ${left.join(', ')}`)
    }
    return problems
}

/** Whole lines of all files but the temporary ones. */
function linesStanding(folder: string): ReadonlySet<string> {
    const standing = new Set<string>()
    for (const [path, bytes] of Object.entries(existsSync(folder) ? readFiles(folder) : {})) {
        if (path.includes('.complog/')) continue
        for (const line of linesOf(bytes)) standing.add(String(line))
    }
    return standing
}
