// Stores whose log is sound, and whose reductions are not.
import { counterLog, reductionFile } from '../log-writer.js'
import { type FindingStore, found, hashes, lines, oneFile, reductionOf } from './finding-store.js'

/** What a restore goes back to is the state of its last record, and none from before. */
const withSetState = counterLog(6)
withSetState.add({ setState: '100 apples' })

const [first, second, third] = [hashes[0]!, hashes[1]!, hashes[2]!]
const elsewhere = counterLog(7).head

export const storesOfReductions: readonly FindingStore[] = [
    {
        name: 'reduction-malformed',
        files: {
            ...oneFile(lines),
            [`reduction/${third}`]: Buffer.from('\uFEFF{"ReducedCompositionHashBase16":'),
        },
        findings: [found('reduction-malformed', null, `reduction/${third}`)],
    },
    {
        name: 'reduction-hash-mismatch',
        files: { ...oneFile(lines), [`reduction/${third}`]: reductionFile(second, '3') },
        findings: [found('reduction-hash-mismatch', null, `reduction/${third}`)],
    },
    {
        name: 'reduction-form',
        files: { ...oneFile(lines), ...reductionOf(2, '3', 'host'), ...reductionOf(3, '6', 'host') },
        findings: [{ ...found('reduction-form', null, `reduction/${third}`), severity: 'note' }],
    },
    {
        name: 'reduction-form-lower-case-hash',
        files: {
            ...oneFile(lines),
            [`reduction/${third}`]: Buffer.from(
                JSON.stringify({
                    ReducedCompositionHashBase16: third.toLowerCase(),
                    ReducedValue: { LiteralString: '6' },
                }),
            ),
        },
        findings: [found('reduction-form', null, `reduction/${third}`)],
    },
    {
        name: 'reduction-form-two-values',
        files: {
            ...oneFile(lines),
            [`reduction/${third}`]: Buffer.from(
                JSON.stringify({
                    ReducedCompositionHashBase16: third,
                    ReducedValueLiteralString: '5',
                    ReducedValue: { LiteralString: '6' },
                }),
            ),
        },
        findings: [found('reduction-form', null, `reduction/${third}`)],
    },
    {
        name: 'reduction-form-of-2018-11',
        files: { ...oneFile(lines), [`reduction/${third}`]: reductionFile(third, '6', '2018-11') },
        findings: [found('reduction-form', null, `reduction/${third}`)],
    },
    {
        name: 'reduction-misnamed-lower-case',
        files: {
            ...oneFile(lines),
            [`reduction/${third.toLowerCase()}`]: Object.values(reductionOf(3))[0]!,
        },
        findings: [
            { ...found('reduction-misnamed', null, `reduction/${third.toLowerCase()}`), severity: 'warning' },
        ],
    },
    {
        name: 'lone-surrogate-in-a-reduction',
        files: { ...oneFile(lines), ...reductionOf(3, '6 \udc00') },
        findings: [found('lone-surrogate', null, `reduction/${third}`)],
    },
    {
        name: 'reduction-misnamed',
        files: {
            ...oneFile(lines),
            ...reductionOf(3),
            [`reduction/${second}.bak`]: reductionFile(second, '3'),
        },
        findings: [found('reduction-misnamed', null, `reduction/${second}.bak`)],
    },
    {
        name: 'reduction-without-record',
        files: { ...oneFile(lines), [`reduction/${elsewhere}`]: reductionFile(elsewhere, '28') },
        findings: [
            { ...found('reduction-without-record', null, `reduction/${elsewhere}`), severity: 'error' },
        ],
    },
    {
        name: 'reduction-without-record-truncated-log',
        files: { ...oneFile(lines.slice(2)), ...reductionOf(3), ...reductionOf(1) },
        findings: [found('reduction-without-record', null, `reduction/${first}`)],
    },
    {
        name: 'reduction-differs',
        files: { ...oneFile(lines), ...reductionOf(3, '7') },
        app: 'counter',
        findings: [found('reduction-differs', null, `reduction/${third}`)],
    },
    {
        name: 'reduction-not-round-trip',
        files: { ...oneFile(lines), ...reductionOf(3, '006'), ...reductionOf(6) },
        app: 'counter',
        findings: [found('reduction-not-round-trip', null, `reduction/${third}`)],
    },
    {
        name: 'reduction-not-round-trip-as-start',
        files: { ...oneFile(lines), ...reductionOf(3, '006') },
        app: 'counter',
        findings: [{ ...found('reduction-not-round-trip', null, `reduction/${third}`), severity: 'error' }],
    },
    {
        name: 'set-state-not-round-trip',
        files: { ...oneFile(withSetState.lines), ...reductionOf(3, '006') },
        app: 'counter',
        findings: [
            found('set-state-not-round-trip', 7),
            found('reduction-not-round-trip', null, `reduction/${third}`),
        ],
    },
]
