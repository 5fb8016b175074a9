// elm make says the same "exit 1" for a typing error, a missing network and a home it may not write to. They
// call for different next steps, so its report is told apart here. The titles are those of Elm 0.19.1.

import { ComplogError } from '../../errors.js'
import type { PackagesInHome } from './elm-packages.js'

const debugRemnants = /^-- DEBUG REMNANTS -/m

/** Titles of reports about packages that could not be had. */
const packagesMissingTitles = new RegExp(
    `^-- (${[
        'PROBLEM LOADING PACKAGE LIST',
        'PROBLEM UPDATING PACKAGE LIST',
        'PROBLEM DOWNLOADING PACKAGE',
        'PROBLEM DOWNLOADING CODE',
        'TROUBLE VERIFYING DEPENDENCIES',
        'CORRUPT PACKAGE DATA',
    ].join('|')}) -`,
    'm',
)

const noHome = /getAppUserDataDirectory/

/** What elm's runtime says about a file it could not use. */
const fileTrouble = /^elm: (?<path>.+): \w+: (?<reason>[a-z].*)$/m

/** What elm says when it crashes, rather than finding fault with the app. */
const crash = /I ran into something that bypassed the normal error reporting process!/

/** Whether --optimize was refused because the app uses Debug. */
export function isDebugRemnants(report: string): boolean {
    return debugRemnants.test(report)
}

/** Whether elm crashed in a way that it does when another compiler writes to the same Elm home. */
export function isCollision(report: string): boolean {
    if (/resource busy/.test(report)) return true
    return crash.test(report) && !noHome.test(report) && !fileTrouble.test(report)
}

/** Whether packages are neither in the Elm home nor could be had from elsewhere. */
export function isPackagesMissing(report: string): boolean {
    return packagesMissingTitles.test(report) || noHome.test(report)
}

/** The error that fits a report of `elm make`; the report goes along in full where it is about the app. */
export function compileError(report: string, packages: PackagesInHome): ComplogError {
    const trouble = fileTrouble.exec(report)?.groups
    if (trouble !== undefined && !noHome.test(report)) {
        const { path = '', reason = '' } = trouble
        // Its report is a call to tell elm's authors, who can do nothing about it.
        return new ComplogError('file-system', `elm make could not use ${path}: ${reason}`, {
            hint: hintOf(reason),
        })
    }
    if (isPackagesMissing(report)) return packagesMissing(report, packages)
    return new ComplogError('app-compile-failed', 'The app does not compile.', {
        hint: "Mend what elm make reports, then run `elm make` in the app's folder to see whether it is gone.",
        output: report,
    })
}

function hintOf(reason: string): string {
    if (/resource exhausted/.test(reason)) {
        return 'Free some space on that file system, or raise what this user or a file may have there (quota, ulimit -f).'
    }
    return 'elm must be able to write to its home. Copy that folder to where you may write, and give the copy with --elm-home.'
}

function packagesMissing(report: string, { elmHome, missing }: PackagesInHome): ComplogError {
    if (missing.length === 0) {
        return packagesMissingError('The packages that the app needs could not be had.', report)
    }
    const message = `The app needs ${missing.join(', ')}, which the Elm home ${elmHome} does not have, and they could not be had from package.elm-lang.org.`
    return new ComplogError('app-packages-missing', message, {
        hint: 'Run this very command once where package.elm-lang.org can be reached: it gets them into that Elm home. Then bring that folder along, and give it with --elm-home.',
        output: report,
    })
}

/** Packages are not there and cannot be fetched. */
export function packagesMissingError(message: string, output?: string): ComplogError {
    return new ComplogError('app-packages-missing', message, {
        hint:
            "Run `elm make` once in the app's folder on a machine that reaches package.elm-lang.org, " +
            'bring its Elm home (~/.elm) along, and give it with --elm-home.',
        output,
    })
}
