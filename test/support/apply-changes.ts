// Makes the JSON after of the JSON before and a list of changes, as the type of a change says.
import type { Change } from '../../src/core/difference/difference.js'
import { partsOf } from '../../src/core/difference/pointer.js'

type Container = Record<string, unknown> | unknown[]

export function applyChanges(before: string, changes: readonly Change[]): unknown {
    const root: Container = { '': JSON.parse(before) as unknown }
    const taken = new Map<Change, unknown>()
    const out = changes
        .filter(({ from, after }) => from !== undefined || after === undefined)
        .map((change) => ({ change, parts: ['', ...partsOf(change.from ?? change.pointer)] }))
        .sort((one, other) => compareBackwards(one.parts, other.parts))
    for (const { change, parts } of out) taken.set(change, takeOut(root, parts))
    for (const change of changes) {
        if (change.from === undefined && change.after === undefined) continue
        const value = change.from === undefined ? (JSON.parse(change.after!) as unknown) : taken.get(change)
        const isInstead = change.before !== undefined
        putIn(root, ['', ...partsOf(change.pointer)], { value, isInstead })
    }
    return root['']
}

/** The last place first, and what is inside before what is around it. */
function compareBackwards(one: readonly string[], other: readonly string[]): number {
    const at = one.findIndex((part, index) => part !== other[index])
    if (at < 0 || at >= other.length) return other.length - one.length
    const [a, b] = [one[at]!, other[at]!]
    return Number(b) - Number(a) || (a < b ? 1 : -1)
}

function around(root: Container, parts: readonly string[]): Container {
    let at: unknown = root
    for (const part of parts.slice(0, -1)) {
        if (!Object.hasOwn(at as object, part)) throw new Error(`Nothing stands at ${parts.join('/')}.`)
        at = (at as Record<string, unknown>)[part]
    }
    return at as Container
}

function takeOut(root: Container, parts: readonly string[]): unknown {
    const [container, part] = [around(root, parts), parts.at(-1)!]
    if (!Object.hasOwn(container, part)) throw new Error(`Nothing to take stands at ${parts.join('/')}.`)
    if (Array.isArray(container)) return container.splice(Number(part), 1)[0]
    const value = container[part]
    Reflect.deleteProperty(container, part)
    return value
}

interface Put {
    readonly value: unknown
    /** In the place of what stands there. */
    readonly isInstead: boolean
}

function putIn(root: Container, parts: readonly string[], { value, isInstead }: Put): void {
    const [container, part] = [around(root, parts), parts.at(-1)!]
    if (isInstead !== Object.hasOwn(container, part) && !Array.isArray(container))
        throw new Error(`Something else stands at ${parts.join('/')}.`)
    if (Array.isArray(container)) container.splice(Number(part), isInstead ? 1 : 0, value)
    else
        Object.defineProperty(container, part, {
            value,
            enumerable: true,
            configurable: true,
            writable: true,
        })
}
