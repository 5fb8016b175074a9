// What hosts make of the forms in which reductions are written down. complog reads them all; hosts do not,
// and some read another value than the one that is meant.
import { type Finding, type FindingDetails, finding } from '../composition/finding.js'
import { type CompositionHash, shortHash } from '../composition/hash.js'
import type { Generation } from '../composition/record.js'
import type { Place } from '../errors.js'
import type { ReductionForm } from '../reduction/reduction.js'
import { type Chain, generationAt } from './chain.js'
import type { CheckedLog } from './check-log.js'

/** A reduction of a record of the chain. */
export interface FoundForm {
    readonly hash: CompositionHash
    readonly position: number
    readonly form: ReductionForm
    readonly place: Place
}

const refuses = 'refuse to start when their walk reaches the reduced record'

/**
 * The findings about the forms of the reductions of a chain. What depends on the time of the host is said of
 * the newest reduction alone: it is the one that a host comes to.
 */
export async function* formFindings(
    { longest, counts }: Pick<CheckedLog, 'longest' | 'counts'>,
    forms: readonly FoundForm[],
): AsyncGenerator<Finding> {
    let newest = forms[0]
    for (const found of forms) if (newest === undefined || found.position > newest.position) newest = found
    for (const found of forms) {
        const detail = ofEveryHost(found)
        if (detail !== undefined) yield formFinding(found, detail)
        else if (found === newest) yield* ofTheNewest(found, longest, counts.generations)
    }
}

/** What is to be said of a reduction that is written today; undefined where the hosts of the log read it. */
export async function writtenFormFinding(
    found: FoundForm,
    chain: Chain,
    generations: Readonly<Record<Generation, number>>,
): Promise<Finding | undefined> {
    if (found.form.written !== '2019-09') return undefined
    if (generations['2018-11'] + generations['2019-03'] === 0) return undefined
    const generation = await generationAt(chain, chain.length)
    if (generation === '2019-04') return undefined
    return finding(
        'reduction-form',
        `The newest record is of generation ${generation}, and hosts of that time do not read this form.`,
        {
            place: found.place,
            hash: found.hash,
            host: `Hosts until 2019-04-08 ${refuses}; those since 2019-04-09 read it.`,
            help: 'Delete it before a host of the old generation starts on this store; an upgraded host needs it.',
        },
    )
}

interface Detail extends FindingDetails {
    readonly message: string
}

function ofEveryHost({ form }: FoundForm): Detail | undefined {
    if (form.lowerCaseHash) {
        return {
            message: 'The hash of the reduced record is in lower case.',
            host: `Hosts since 2019-03-10 compare it letter by letter: they ${refuses}.`,
        }
    }
    if (form.passedOver !== undefined) {
        return {
            message: 'ReducedValue and ReducedValueLiteralString say different things: ReducedValue counts.',
            host: `Hosts since 2019-04-09 take ReducedValue, as complog does; older ones ${refuses}.`,
        }
    }
    return undefined
}

async function* ofTheNewest(
    found: FoundForm,
    chain: Chain,
    generations: Readonly<Record<Generation, number>>,
): AsyncGenerator<Finding> {
    const { written, byteOrderMark } = found.form
    if (written === '2018-11' && generations['2019-03'] + generations['2019-04'] > 0) {
        const generation = await generationAt(chain, found.position)
        if (generation !== '2018-11') {
            yield formFinding(found, {
                message: `It has the form of 2018-11, and its record is of generation ${generation}.`,
                host: `Hosts since 2019-04-09 ${refuses}.`,
            })
        }
    }
    const ofMark = 'those of 2020-03-08 to 2020-04-19 do not start on its byte order mark'
    if (written === '2019-03') {
        yield formFinding(found, {
            message:
                'The newest reduction has the form of 2019-03-10 to 2019-09-29, ReducedValueLiteralString.',
            severity: 'note',
            host: `Reads it. Hosts since 2019-09-30 take its value for null: an app that falls back starts anew there, in silence; a strict one does not start${byteOrderMark ? `; ${ofMark}` : ''}.`,
        })
    } else if (written === '2019-09' && byteOrderMark) {
        yield formFinding(found, {
            message: 'The newest reduction begins with a byte order mark.',
            severity: 'note',
            host: `Reads it, as most hosts do; ${ofMark}.`,
        })
    }
    const ofOldHosts = await writtenFormFinding(found, chain, generations)
    if (ofOldHosts !== undefined) yield ofOldHosts
}

function formFinding(found: FoundForm, { message, ...details }: Detail): Finding {
    return finding('reduction-form', message, {
        help: `\`complog reduce --at ${shortHash(found.hash)} --replace\` writes it in the form that all hosts since 2019-04-09 read.`,
        place: found.place,
        hash: found.hash,
        ...details,
    })
}
