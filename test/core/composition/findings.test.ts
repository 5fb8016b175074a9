import assert from 'node:assert/strict'
import { test } from 'node:test'

import { type FindingId, finding, findingKinds } from '../../../src/core/composition/finding.js'
import { Findings } from '../../../src/core/composition/findings.js'
import { findingsPerIdMax } from '../../../src/core/limits.js'

test('every kind of finding says what a host does and what a person can do', () => {
    for (const [id, kind] of Object.entries(findingKinds)) {
        assert.match(id, /^[a-z][a-z0-9-]+$/)
        assert.match(kind.host, /^[A-Z].*\.$/, id)
        assert.match(kind.help, /^[A-Z`].*\.$/, id)
        assert.ok(['error', 'warning', 'note'].includes(kind.severity))
    }
})

test('findings come worst first, and those of one severity in the order they were found', () => {
    const findings = new Findings()
    const found: FindingId[] = [
        'blank-line',
        'byte-order-mark',
        'fork',
        'line-end-missing',
        'torn-tail',
        'fork',
    ]
    findings.addAll(found.map((id, i) => finding(id, String(i))))
    assert.deepEqual(
        findings.list.map(({ message }) => message),
        ['2', '4', '5', '0', '3', '1'],
    )
})

test('a finding may be worse or better than its kind, and is counted as what it is', () => {
    const findings = new Findings()
    findings.add(finding('reduction-without-record', 'as usual'))
    findings.add(finding('reduction-without-record', 'worse', { severity: 'error' }))
    assert.deepEqual(findings.counts, { error: 1, warning: 1, note: 0 })
    assert.equal(findings.count('reduction-without-record'), 2)
    assert.equal(findings.list[0]?.message, 'worse')
})

test('the list is bounded for each id, the counts stay exact', () => {
    const findings = new Findings()
    for (let i = 0; i < findingsPerIdMax + 5; i++) findings.add(finding('fork', String(i)))
    findings.add(finding('torn-tail', 'the last'))
    assert.equal(findings.list.length, findingsPerIdMax + 1)
    assert.equal(findings.list.at(-1)?.message, 'the last')
    assert.equal(findings.count('fork'), findingsPerIdMax + 5)
    assert.equal(findings.counts.error, findingsPerIdMax + 6)
    assert.equal(findings.omitted, 5)
})

test('a sum of findings is what adding them one by one gives, and leaves both as they were', () => {
    const of = (id: FindingId, count: number, from = 0) =>
        Array.from({ length: count }, (_, i) => finding(id, `${id} ${from + i}`))
    const many = [...of('fork', findingsPerIdMax - 3), ...of('blank-line', findingsPerIdMax + 2)]
    const more = [
        ...of('torn-tail', 1),
        ...of('fork', 9, 5000),
        ...of('blank-line', findingsPerIdMax + 7, 5000),
    ]
    const outline = ({ list, counts, omitted, ...findings }: Findings) => ({
        list,
        counts,
        omitted,
        findings,
    })
    const [one, other, both] = [new Findings(), new Findings(), new Findings()]
    one.addAll(many)
    other.addAll(more)
    both.addAll([...many, ...more])
    const before = [outline(one), outline(other)]
    for (const sum of [one.plus(other), one.plus(more)]) {
        assert.deepEqual(outline(sum), outline(both))
        for (const id of ['fork', 'blank-line', 'torn-tail'] as const)
            assert.equal(sum.count(id), both.count(id))
    }
    assert.deepEqual([outline(one), outline(other)], before)
})

test('findings that come from another thread count as those that were found here, however many they are', () => {
    const [part, alone] = [new Findings(), new Findings()]
    const some = Array.from({ length: findingsPerIdMax + 5 }, (_, i) =>
        finding(i % 2 === 0 ? 'fork' : 'blank-line', String(i), i % 3 === 0 ? { severity: 'note' } : {}),
    )
    const all = [...some, ...some, ...some]
    alone.addAll(
        ['first', ...all.map(({ message }) => `of a part: ${message}`)].map((message, i) => ({
            ...(all[i - 1] ?? finding('fork', '')),
            message,
        })),
    )
    part.addAll(all)
    const whole = new Findings()
    whole.add(finding('fork', 'first'))
    whole.addPacked(structuredClone(part.packed), (found) => ({
        ...found,
        message: `of a part: ${found.message}`,
    }))
    assert.deepEqual([whole.counts, whole.omitted], [alone.counts, alone.omitted])
    assert.deepEqual(whole.list, alone.list)
})
