// A function that is not there is nearly always one of two mistakes, and both are told apart from a broken script.

import { ComplogError } from '../../errors.js'
import type { UnusableApp } from './app-calls.js'
import type { AppFunctions } from '../source/app-map.js'

/** The error for a script that cannot be used. */
export function unusableApp(problem: UnusableApp, functions: AppFunctions): ComplogError {
    if (problem.kind === 'malformed') {
        return new ComplogError('app-malformed', `The app's script cannot be used: ${problem.message}.`, {
            hint: 'Give the script just as elm make wrote it, neither minified nor cut.',
        })
    }
    const names = problem.keys.map((key) => functions[key as keyof AppFunctions]).join(', ')
    return new ComplogError('app-function-missing', `The compiled app has no ${names}.`, {
        hint:
            'See whether the map file (or the entry module) spells it as the code does. ' +
            "If so, let the module's main reach it: elm make drops what main does not use.",
    })
}
