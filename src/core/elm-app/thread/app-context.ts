// The app's script runs among JavaScript's own objects and nothing else: no require, no process, no timers,
// and no object of ours that would lead it to them.
import {
    type CompileFunctionOptions,
    type Context,
    compileFunction,
    createContext,
    runInContext,
} from 'node:vm'

import { publishParameter } from '../compile/publish.js'

/** What a script handed out, unchecked. */
export interface PublishedApp {
    readonly applyTwo: unknown
    readonly initState: unknown
    readonly processSerializedEvent: unknown
    readonly serializeState: unknown
    readonly deserializeState: unknown
}

// A lookup in a context's global object is slow: measured, events take three times as long by it. As
// parameters of the function around the script the same objects cost nothing.
const intrinsics = [
    'Array',
    'ArrayBuffer',
    'Boolean',
    'DataView',
    'Date',
    'Error',
    'JSON',
    'Map',
    'Math',
    'Number',
    'Object',
    'RegExp',
    'Set',
    'String',
    'Symbol',
    'Uint8Array',
    'decodeURIComponent',
    'encodeURIComponent',
    'isFinite',
    'isNaN',
    'parseFloat',
    'parseInt',
]

const parameters: readonly string[] = ['console', publishParameter, ...intrinsics]

/** Differs wherever V8 would be given another text for the same published script. */
export const scriptForm = JSON.stringify({ withoutImport: 1, parameters })

// Taken from the script, because Node, other threads or the garbage collector would answer it, or because it
// is V8's own and goes nowhere. No compiled Elm uses any of them.
const withheld = ['Atomics', 'FinalizationRegistry', 'SharedArrayBuffer', 'WeakRef', 'WebAssembly', 'console']

// Made inside of the context, so that the app never holds an object of ours. Debug.log writes by console.log;
// console.warn carries only the compiler's advice to optimise.
//
// An error that captures its stack has it formatted by a function of Node's, and where that runs out of stack
// the script catches an error of Node's, which leads it out. Without a limit that is a number, nothing is
// captured.
const surroundingsSource = `'use strict'; (function (write) {
    ${JSON.stringify(withheld)}.forEach(function (name) { delete globalThis[name]; });
    Object.defineProperty(Error, 'stackTraceLimit', { value: undefined, writable: false, configurable: false });
    var published;
    function drop() {}
    function log() {
        var text = '';
        for (var i = 0; i < arguments.length; i++) text += (i === 0 ? '' : ' ') + String(arguments[i]);
        try { write(text); } catch (error) {}
    }
    return {
        console: { log: write ? log : drop, info: drop, warn: drop, error: drop, debug: drop },
        publish: function (app) { published = app; },
        published: function () { return published; }
    };
})`

interface Surroundings {
    readonly console: object
    readonly publish: (app: PublishedApp) => void
    readonly published: () => PublishedApp | undefined
}

/** The script is not JavaScript at all, so that nothing of it was run. */
export class UnreadableScript extends Error {
    override readonly name = 'UnreadableScript'
}

export interface Evaluation {
    /** Takes the lines of Debug.log. */
    readonly write?: ((text: string) => void) | undefined
    /** V8's code of the script, where it was made before; `onMade` gets it where that is not so. */
    readonly code?: { readonly made: Uint8Array | undefined; onMade(code: Uint8Array): void } | undefined
}

/**
 * Evaluates a published script in a context of its own and returns what it handed out, or undefined if it
 * handed out nothing. Throws UnreadableScript, and whatever the script throws.
 */
export function evaluateApp(script: string, { write, code }: Evaluation = {}): PublishedApp | undefined {
    const context = createContext(Object.create(null) as Context, {
        name: 'app',
        codeGeneration: { strings: false, wasm: false },
        // A queue of its own, which nobody works off: whatever an app puts off beyond its answer never runs.
        microtaskMode: 'afterEvaluate',
    })
    const makeSurroundings = runInContext(surroundingsSource, context) as (
        write: ((text: string) => void) | undefined,
    ) => Surroundings
    const surroundings = makeSurroundings(write)
    const run = asFunction(withoutImport(script), context, code)
    // Before the script runs, since evaluating in the context is also what works off its queue.
    const values = intrinsics.map((name): unknown => runInContext(name, context))
    const self: unknown = runInContext('({})', context)
    Reflect.apply(run, self, [surroundings.console, surroundings.publish, ...values])
    return surroundings.published()
}

function asFunction(
    script: string,
    context: Context,
    code: Evaluation['code'],
): (...values: unknown[]) => unknown {
    const compile = (how: Pick<CompileFunctionOptions, 'cachedData' | 'produceCachedData'>) =>
        compileFunction(script, parameters, {
            parsingContext: context,
            filename: 'app.js',
            ...how,
        })
    try {
        const produce = { produceCachedData: code !== undefined }
        const made = code?.made && compile({ cachedData: code.made })
        const run = made?.cachedDataRejected === false ? made : compile(produce)
        if (code !== undefined && run.cachedData !== undefined) code.onMade(run.cachedData)
        // A script can reach the function that it is within, and a Buffer would lead it to Node's objects.
        for (const name of ['cachedData', 'cachedDataProduced', 'cachedDataRejected']) {
            Reflect.deleteProperty(run, name)
        }
        return run as () => unknown
    } catch (error) {
        const reason = String(error)
        throw new UnreadableScript(/escaped char/.test(reason) ? 'an app cannot import anything' : reason)
    }
}

// `import()` is the one way out that a vm context does not close: it is answered by Node itself, and the
// error that it answers with leads to Node's own Function. So the word must not be a keyword in a script.

/**
 * The script with `import` spelled by an escape wherever it stands. JavaScript takes an escaped spelling for
 * the same string, property or part of a name, but never for a keyword: code that imports becomes a
 * SyntaxError, and all other code means what it did. (Tagged templates could tell, as could a function that
 * reads its own text.)
 */
export function withoutImport(script: string): string {
    return script.replaceAll(/(\\*)import/g, (_, backslashes: string) =>
        // An odd one belongs to the i: in a string, `\i` is an i.
        backslashes.length % 2 === 0
            ? String.raw`${backslashes}\u0069mport`
            : String.raw`${backslashes.slice(1)}\u0069mport`,
    )
}
