// Everything that the long run injects, part by part.
import { type Call, whyNoStrace } from './strace.js'
import { subjectNamed, subjects } from './subjects.js'
import { sweepErrors, sweepKills } from './sweep.js'
import type { Tally } from './tally.js'

export interface Part {
    readonly name: string
    /** Why it cannot be done here. */
    whyNot(): string | undefined
    readonly runs: readonly (() => Promise<Tally>)[]
}

const kills: Part = {
    name: 'kills',
    whyNot: whyNoStrace,
    runs: [
        ...subjects.map((subject) => () => sweepKills(subject)),
        () => sweepKills(subjectNamed('truncate'), { weakness: 'in-place' }),
        () => sweepKills(subjectNamed('reorder --in-place'), { weakness: 'in-place' }),
    ],
}

/** Every call that writes fails with EIO; those that take up space with ENOSPC, new names with what refuses them. */
function errorsOf({ name, text }: Call) {
    const creates = /^(?:mkdir|rename)|O_CREAT/.test(`${name}${text}`)
    if (/^(?:pwrite64|write)$/.test(name)) return ['EIO', 'ENOSPC', 'EDQUOT'] as const
    if (creates) return ['EIO', 'ENOSPC', 'EROFS', 'EACCES'] as const
    return ['EIO'] as const
}

const errors: Part = {
    name: 'errors',
    whyNot: whyNoStrace,
    runs: [
        ...subjects.map((subject) => () => sweepErrors(subject, errorsOf)),
        () =>
            sweepErrors(subjectNamed('truncate'), ({ name }) => (name === 'fsync' ? ['EIO'] : []), {
                weakness: 'deaf-to-sync',
            }),
    ],
}

export const parts: readonly Part[] = [kills, errors]
