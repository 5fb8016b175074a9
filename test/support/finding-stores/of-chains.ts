// Stores whose records do not make one chain, or one that a host could not follow.
import { LogWriter, reductionFile } from '../log-writer.js'
import {
    type FindingStore,
    found,
    hashes,
    later,
    lines,
    logFiles,
    morning,
    oneFile,
    reductionOf,
} from './finding-store.js'

const branch = new LogWriter('2019-04', hashes[3]).addAdditions(50)
const otherChain = new LogWriter().addAdditions(10, 20)

/** Of the counter app, as the event of the request with a number. */
function numbered(number: number, addition: number): string {
    const posixTimeMilli = Date.UTC(2019, 3, 28, 9, addition)
    const httpRequest = { posixTimeMilli, httpRequestId: `${posixTimeMilli}-${number}` }
    return JSON.stringify({ addition, httpRequest })
}

/** The host was started behind the third record; what it took first, it could not write. */
const withHole = new LogWriter()
for (const [number, addition] of [
    [1, 1],
    [2, 2],
    [3, 3],
    [1, 4],
    [2, 5],
    [3, 6],
] as const)
    withHole.add({ events: [numbered(number, addition)] })

/** Two digits of the hash that a line names as its parent, altered. */
function withAlteredReference(line: string): string {
    const [hash] = /[0-9A-F]{64}/.exec(line)!
    const flip = (digit: string) => (digit === '0' ? '1' : '0')
    return line.replace(
        hash,
        flip(hash.charAt(0)) + hash.slice(1, 40) + flip(hash.charAt(40)) + hash.slice(41),
    )
}

export const storesOfChains: readonly FindingStore[] = [
    {
        name: 'altered-record',
        files: oneFile(lines.with(2, lines[2]!.replace('addition\\":3', 'addition\\":300'))),
        findings: [found('altered-record', 3)],
    },
    {
        name: 'altered-record-parent-reference',
        files: oneFile(lines.with(2, withAlteredReference(lines[2]!))),
        findings: [found('altered-record', 3)],
    },
    {
        name: 'altered-record-line-removed',
        files: oneFile(lines.toSpliced(3, 1)),
        findings: [found('altered-record', 3)],
    },
    {
        name: 'missing-parent',
        files: { ...oneFile(lines.toSpliced(3, 1)), ...reductionOf(3) },
        findings: [found('missing-parent', 4)],
    },
    {
        name: 'never-written',
        files: {
            ...oneFile(withHole.lines.toSpliced(3, 1)),
            [`reduction/${withHole.hashes[4]!}`]: reductionFile(withHole.hashes[4]!, '15'),
        },
        findings: [found('never-written', 4)],
    },
    {
        name: 'fork',
        files: oneFile([...lines, ...branch.lines]),
        findings: [found('fork', 7), found('unlinked-record', 7)],
    },
    {
        name: 'fork-at-genesis',
        files: logFiles({ [morning]: otherChain.lines, [later]: lines }),
        findings: [found('fork', 1), found('unlinked-record', 1)],
    },
    {
        name: 'out-of-order',
        files: oneFile([lines[0]!, lines[1]!, lines[3]!, lines[2]!, lines[4]!, lines[5]!]),
        findings: [found('out-of-order', 3)],
    },
    {
        name: 'head-not-last',
        files: logFiles({ [morning]: lines.slice(3), [later]: lines.slice(0, 3) }),
        findings: [found('head-not-last', 3), found('out-of-order', 1)],
    },
    {
        name: 'unrestorable-chain',
        files: oneFile(lines.slice(2)),
        findings: [found('unrestorable-chain', null, null)],
    },
    {
        name: 'unreplayable-records',
        files: { ...oneFile(lines.slice(2)), ...reductionOf(5) },
        findings: [found('unreplayable-records', null, null)],
    },
    {
        name: 'records-missing',
        files: reductionOf(6),
        findings: [found('records-missing', null, null)],
    },
]
