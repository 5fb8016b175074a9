import assert from 'node:assert/strict'
import { test } from 'node:test'

import fc from 'fast-check'

import type { ValueHash } from '../../../../src/core/composition/hash.js'
import { ParentRule } from '../../../../src/core/later/records/parent-rule.js'
import type { EventKind } from '../../../../src/core/later/records/record.js'

interface Written {
    readonly kind: EventKind
    readonly parent: ValueHash | undefined
    readonly hashes: readonly [ValueHash]
}

const hashAt = (i: number) => i.toString(16).padStart(64, '0') as ValueHash

/** As a host writes: each of its two writers knows its own records, and at a start the last line. */
function writtenBy(
    steps: readonly ('event' | 'deploy' | 'set' | 'restart')[],
    setIsOfAdministrator: boolean,
): Written[] {
    const records: Written[] = []
    let ordinary: ValueHash | undefined
    let last: ValueHash | undefined
    for (const step of steps) {
        // Started again, a host goes on from the last line, with the event of a time.
        if (step === 'restart') ordinary = last
        const isOfAdministrator = step === 'deploy' || (step === 'set' && setIsOfAdministrator)
        const hash = hashAt(records.length + 1)
        const kind = step === 'set' ? 'set-state' : step === 'deploy' ? 'deploy-migrate' : 'event'
        records.push({ kind, parent: isOfAdministrator ? last : ordinary, hashes: [hash] })
        if (!isOfAdministrator) ordinary = hash
        last = hash
    }
    return records
}

const steps = fc.array(fc.constantFrom('event', 'deploy', 'set', 'restart'), { maxLength: 40 })

test('whatever a host writes is accepted', () => {
    fc.assert(
        fc.property(steps, fc.boolean(), (each, setIsOfAdministrator) => {
            for (const setMayBeOfAdministrator of new Set([setIsOfAdministrator, true])) {
                const rule = new ParentRule({ setMayBeOfAdministrator })
                for (const record of writtenBy(each, setIsOfAdministrator)) assert.ok(rule.accepts(record))
            }
        }),
    )
})

test('a record that stands twice is noticed, whoever wrote it', () => {
    fc.assert(
        fc.property(steps, fc.nat(40), fc.boolean(), (each, at, setIsOfAdministrator) => {
            const records = writtenBy(each, setIsOfAdministrator)
            const twice = records[at % Math.max(1, records.length)]
            fc.pre(twice !== undefined)
            const rule = new ParentRule({ setMayBeOfAdministrator: true })
            const doubled = records.flatMap((record) => (record === twice ? [record, record] : [record]))
            assert.ok(doubled.some((record) => !rule.accepts(record)))
        }),
    )
})

test('an ordinary record that is lost between two others is noticed', () => {
    fc.assert(
        fc.property(steps, fc.nat(40), (each, at) => {
            const records = writtenBy(each, false)
            const lost = at % Math.max(1, records.length)
            const [before, gone, behind] = records.slice(Math.max(0, lost - 1), lost + 2)
            fc.pre(
                lost > 0 &&
                    before !== undefined &&
                    gone?.kind === 'event' &&
                    behind?.parent === gone.hashes[0],
            )
            const rule = new ParentRule({ setMayBeOfAdministrator: false })
            assert.ok(records.filter((record) => record !== gone).some((record) => !rule.accepts(record)))
        }),
    )
})

test('a record of an administrator names the line before it, and nothing else', () => {
    const rule = new ParentRule({ setMayBeOfAdministrator: false })
    assert.ok(rule.accepts({ kind: 'deploy-init', parent: undefined, hashes: [hashAt(1)] }))
    assert.ok(!rule.accepts({ kind: 'revert', parent: undefined, hashes: [hashAt(2)] }))
    assert.ok(rule.accepts({ kind: 'event', parent: undefined, hashes: [hashAt(3)] }))
    assert.ok(!rule.accepts({ kind: 'event', parent: undefined, hashes: [hashAt(4)] }))
})
