// JSON pointers, RFC 6901.
import { ComplogError } from '../errors.js'
import type { JsonIndex } from './json-index.js'

/** A pointer to a part of what a pointer leads to. */
export function pointerTo(pointer: string, part: string | number): string {
    if (typeof part === 'number') return `${pointer}/${part}`
    return `${pointer}/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`
}

/**
 * The parts of a pointer, outermost first. What begins without the slash gets one. With a # before it, as in
 * the fragment of a URI, it may be empty and still be seen: `#` is the whole.
 * @throws ComplogError `usage`
 */
export function partsOf(pointer: string): readonly string[] {
    if (pointer === '' || pointer === '#') return []
    if (pointer.startsWith('#/')) return partsOf(decoded(pointer.slice(1)))
    if (/~(?![01])/.test(pointer)) throw noPointer(pointer)
    const whole = pointer.startsWith('/') ? pointer : `/${pointer}`
    return whole
        .slice(1)
        .split('/')
        .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function decoded(fragment: string): string {
    try {
        return decodeURIComponent(fragment)
    } catch {
        throw noPointer(`#${fragment}`)
    }
}

function noPointer(text: string): ComplogError {
    return new ComplogError('usage', `"${text}" is not a JSON pointer.`, {
        hint: 'Write /orders/7/name, or # for the whole; in a name, ~1 is a slash and ~0 is a ~.',
    })
}

/** Where a pointer leads; undefined where nothing stands there. */
export function nodeAt(json: JsonIndex, parts: readonly string[]): number | undefined {
    let node: number | undefined = 0
    for (const part of parts) {
        if (node === undefined) return undefined
        if (json.isObject(node)) node = json.member(node, part)
        else if (json.isArray(node)) node = itemOf(json, node, part)
        else return undefined
    }
    return node
}

function itemOf(json: JsonIndex, node: number, part: string): number | undefined {
    if (!/^(?:0|[1-9]\d*)$/.test(part)) return undefined
    let left = Number(part)
    for (const item of json.inside(node)) if (left-- === 0) return item
    return undefined
}
