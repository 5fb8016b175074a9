// What a profile leaves for the next one to compare with.
import * as z from 'zod/mini'
import en from 'zod/v4/locales/en.js'

import { countOf } from '../counts.js'
import { ComplogError } from '../errors.js'
import { samplesForConfidence } from './interval.js'

const baselineSchema = z.object({
    schema: z.literal('complog/profile-baseline/1'),
    /** Where it was measured; another place is not an error, but worth a warning. */
    machine: z.object({ node: z.string(), platform: z.string(), cpu: z.string() }),
    restored: z.object({
        head: z.string(),
        events: z.number(),
        scriptHash: z.string(),
        mode: z.enum(['default', 'from-genesis', 'from-end']),
    }),
    /** Times of whole restores, in milliseconds and in units of the reference work. */
    totalMilliseconds: z.array(z.number().check(z.positive())).check(z.minLength(1)),
    relative: z.array(z.number().check(z.positive())).check(z.minLength(1)),
})

/** Measurements of an earlier profile, as they are saved. */
export type Baseline = z.infer<typeof baselineSchema>

/** @throws ComplogError `usage` where the text is no baseline */
export function parseBaseline(text: string, path: string): Baseline {
    let json: unknown
    try {
        json = JSON.parse(text)
    } catch (error) {
        throw new ComplogError('usage', `${path} is not a baseline: it is not JSON.`, { cause: error, hint })
    }
    const parsed = baselineSchema.safeParse(json, { error: en().localeError })
    if (parsed.success) return parsed.data
    // The first says enough: whatever else is wrong, it is not what `--save` writes.
    const [issue] = parsed.error.issues
    const where = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.join('.')}: `
    throw new ComplogError('usage', `${path} is not a baseline: ${where}${issue?.message ?? ''}.`, { hint })
}

const hint = 'Write one with `complog profile --save`.'

/** In what the two were measured under different conditions, none of which makes them incomparable. */
export function differences(now: Pick<Baseline, 'machine'>, then: Baseline): readonly string[] {
    const warnings: string[] = []
    const differ = (what: string, a: string, b: string) => {
        if (a !== b) warnings.push(`The baseline was measured with another ${what}: ${b}, now ${a}.`)
    }
    differ('CPU', now.machine.cpu, then.machine.cpu)
    differ('version of Node', now.machine.node, then.machine.node)
    return warnings
}

/**
 * The app may be another one: that is what a comparison is for. The work must be the same.
 * @throws ComplogError `usage` where the baseline restored another record, or in another way, or holds too
 * few samples for any answer but that nobody can tell
 */
export function refuseIncomparable(
    now: Pick<Baseline['restored'], 'head' | 'mode'>,
    { restored, relative }: Baseline,
): void {
    if (relative.length < samplesForConfidence) {
        throw new ComplogError(
            'usage',
            `The baseline holds ${countOf(relative.length, 'measurement')}, and nothing can be told from fewer than ${samplesForConfidence}.`,
            { hint },
        )
    }
    const same = restored.head === now.head && restored.mode === now.mode
    if (same) return
    const what =
        restored.mode === now.mode
            ? `a log with another head (${restored.head.slice(0, 12)}…, now ${now.head.slice(0, 12)}…)`
            : `another way of restoring (${restored.mode}, now ${now.mode})`
    const sameWay =
        restored.mode === 'default' ? 'without --from-genesis and --from-end' : `with --${restored.mode}`
    throw new ComplogError('usage', `The baseline cannot be compared with: it measured ${what}.`, {
        hint:
            restored.mode === now.mode ? hint : `Measure ${sameWay}, or write another baseline with --save.`,
    })
}
