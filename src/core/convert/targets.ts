// The forms in which complog writes a new store, by the day on which hosts began to write each.
import { ComplogError } from '../errors.js'
import type { StoreGeneration, WrittenForm } from '../generations/generation.js'
import { storeGenerations } from '../generations/store-generations.js'

/** A form of stores, and the generation that it is one of. */
export interface Target {
    readonly generation: StoreGeneration
    readonly form: WrittenForm
}

/** The oldest first. */
export const targets: readonly Target[] = storeGenerations
    .toReversed()
    .flatMap((generation) => generation.writer.forms.map((form) => ({ generation, form })))

/** From this day on hosts keep a state as a value of the engine: which one, only the app's types tell. */
const firstDayOfValues = '2025-03-06'

/**
 * The form that hosts of some day write; of the last day, where a month or a year is named.
 * @throws ComplogError `usage`
 */
export function targetAt(text: string): Target {
    if (!/^\d{4}(?:-\d\d){0,2}$/.test(text)) {
        const known = targets.map(({ form }) => form.from).join(', ')
        throw new ComplogError('usage', `"${text}" names no generation of hosts.`, {
            hint: `Write a day, a month or a year of theirs: the forms of stores begin on ${known}.`,
        })
    }
    const lastDay = `${text}-99-99`.slice(0, firstDayOfValues.length)
    if (lastDay >= firstDayOfValues) {
        throw new ComplogError(
            'usage',
            `Hosts since ${firstDayOfValues} keep the state as a value of their engine: which one a text stands for, only the types of the app say.`,
            {
                hint: 'Deploy the app on a new store of that host, and give it what `complog replay` prints by POST /api/elm-app-state.',
            },
        )
    }
    const found = targets.findLast(({ form }) => form.from <= lastDay)
    if (found !== undefined) return found
    throw new ComplogError('usage', `complog writes no store of hosts before ${targets[0]?.form.from ?? ''}.`)
}
