// Entry of the thread of a condition. It compiles the expression among JavaScript's own objects and nothing
// else, and answers each list of places with a list of yes and no.
import { type Context, compileFunction, createContext, runInContext } from 'node:vm'
import { parentPort, workerData } from 'node:worker_threads'

import { withoutImport } from '../elm-app/thread/app-context.js'
import { SharedProgress } from '../elm-app/thread/worker-protocol.js'
import { forEachPacked } from '../packed-inputs.js'
import type {
    ConditionFailure,
    ConditionReply,
    ConditionRequest,
    ConditionStart,
    ConditionValues,
} from './condition-protocol.js'

/** Characters of a message that anybody will read. */
const messageLengthMax = 1000
const fileName = 'condition'

const start = workerData as ConditionStart
const progress = new SharedProgress(start.shared)

type Test = (...values: readonly unknown[]) => unknown

// Made inside of the context, so that an expression holds no object of ours.
const surroundings = `'use strict'; ({
    read(text) {
        if (text === undefined) return undefined;
        try { return JSON.parse(text); } catch { return text; }
    },
    lacking(names, message) {
        const lacking = Object.create(null);
        for (const name of names) {
            Object.defineProperty(lacking, name, { get() { throw new ReferenceError(name + message); } });
        }
        return lacking;
    },
    test(values, names, read, test) { return Boolean(test(...names.map((name) =>
        name === 'text' ? values.event : read(values[name])))); },
})`

function compile(): (values: ConditionValues) => boolean {
    const context = createContext(Object.create(null) as Context, {
        name: 'condition',
        codeGeneration: { strings: false, wasm: false },
        microtaskMode: 'afterEvaluate',
    })
    const { read, lacking, test } = runInContext(surroundings, context) as Record<string, Test>
    const names = start.available
    const message = ` is not there. ${start.unavailable}`
    // On a line of its own, so that what is told of its place is the place in it.
    const expression = compileFunction(`return (\n${withoutImport(start.expression)}\n)`, [...names], {
        parsingContext: context,
        filename: fileName,
        lineOffset: -1,
        contextExtensions: [lacking?.(start.missing, message) as object],
    })
    return (values) => test?.(values, names, read, expression) as boolean
}

let test: ReturnType<typeof compile> | undefined
try {
    progress.enter('start')
    test = compile()
    reply({ hits: new Uint8Array() })
} catch (error) {
    reply({ failure: { ...failureOf(error), hint: 'Give one expression of JavaScript.' }, index: -1 })
}
progress.enter('idle')

parentPort?.on('message', (request: ConditionRequest) => {
    if (test === undefined) return
    progress.beginCall()
    const hits = new Uint8Array('packed' in request ? request.packed.length : request.places.length)
    let index = 0
    try {
        for (const place of placesOf(request)) {
            progress.enter('event', index)
            if (place !== undefined && test(place)) hits[index] = 1
            index += 1
        }
        reply({ hits })
    } catch (error) {
        reply({ failure: failureOf(error), index })
    }
    progress.enter('idle')
})

/** Undefined for what is no place. */
function placesOf(request: ConditionRequest): readonly (ConditionValues | undefined)[] {
    if ('places' in request)
        return request.places.map((place) => (typeof place === 'string' ? { event: place } : place))
    const places: (ConditionValues | undefined)[] = []
    forEachPacked(request.packed, (event, isSetState) => places.push(isSetState ? undefined : { event }))
    return places
}

function reply(answer: ConditionReply): void {
    parentPort?.postMessage(answer)
}

/** What the expression threw, and where in it; even asking for that may throw. */
function failureOf(error: unknown): ConditionFailure {
    try {
        const isError = typeof error === 'object' && error !== null && 'message' in error
        const message = String(isError ? error.message : error).slice(0, messageLengthMax)
        const column = isError && 'stack' in error ? columnIn(String(error.stack)) : undefined
        const isMissing = message.startsWith('Cannot read properties of')
        return {
            message: message.replace(/\.$/, ''),
            column,
            ...(isMissing && { hint: 'Where something may be missing, write ?. in front of it: event.a?.b' }),
        }
    } catch {
        return { message: 'something that has no message' }
    }
}

/** Character of the expression, from 1; undefined where the stack does not say. */
function columnIn(stack: string): number | undefined {
    const lines = start.expression.split('\n')
    const before = (line: number) => lines.slice(0, line - 1).join('\n').length + (line > 1 ? 1 : 0)
    const compiled = /^condition:(\d+)\n.*\n( *)\^/.exec(stack)
    const ran = /^ +at condition(?::(\d+):(\d+))?$/m.exec(stack)
    const line = Number(compiled?.[1] ?? ran?.[1] ?? 1)
    if (compiled === null && ran === null) return undefined
    if (line > lines.length) return start.expression.length + 1
    return before(line) + (compiled === null ? Number(ran?.[2] ?? 1) : (compiled[2]?.length ?? 0) + 1)
}
