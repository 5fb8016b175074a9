// Stores in which single lines or files are wrong.
import { LogWriter, logFile, recordLine } from '../log-writer.js'
import {
    type FindingStore,
    found,
    hashes,
    later,
    lines,
    logFiles,
    morning,
    oneFile,
} from './finding-store.js'

const cut = lines[5]!.slice(0, 100)
const withMark = Buffer.concat([Buffer.from('\uFEFF'), ...lines.map((line) => Buffer.from(`${line}\n`))])

const notUtf8 = Buffer.from(lines[2]!)
notUtf8[notUtf8.indexOf('addition')] = 0xff

const long = new LogWriter().addAdditions(1, 2)
long.add({ events: [`{"addition":3,"comment":"${'long '.repeat(60)}"}`] })
long.addAdditions(4)

const november = new LogWriter('2018-11').addAdditions(1, 2)
november.add({ generation: '2019-04', events: ['{"addition":3}'] })

const march = new LogWriter('2019-03').addAdditions(1)
march.add({ setState: '100' })
march.addAdditions(2)

const halved = new LogWriter().addAdditions(1, 2)
halved.add({ events: ['{"addition":3,"comment":"\ud83d"}'] })
halved.addAdditions(4)

const farFuture = '2999-01-01/2999-01-01T00.composition.jsonl'

export const storesOfLines: readonly FindingStore[] = [
    {
        name: 'malformed-record',
        files: oneFile(lines.with(2, lines[2]!.slice(0, -1))),
        findings: [found('malformed-record', 3), found('missing-parent', 4)],
    },
    {
        name: 'malformed-record-between-records',
        files: oneFile(lines.toSpliced(2, 0, '# moved here from the old machine')),
        findings: [found('malformed-record', 3)],
    },
    {
        name: 'invalid-utf8',
        files: oneFile(lines.map((line, i) => (i === 2 ? notUtf8 : line))),
        findings: [found('invalid-utf8', 3), found('missing-parent', 4)],
    },
    {
        name: 'oversized-line',
        files: oneFile(long.lines),
        flags: ['--max-line-size', '300'],
        findings: [found('oversized-line', 3), found('missing-parent', 4)],
    },
    {
        name: 'torn-tail',
        files: oneFile(Buffer.from(`${lines.slice(0, 5).join('\n')}\n${cut}`)),
        findings: [found('torn-tail', 6)],
    },
    {
        name: 'torn-tail-of-zeros',
        files: oneFile(
            Buffer.concat([Buffer.from(`${lines.slice(0, 5).join('\n')}\n${cut}`), Buffer.alloc(64)]),
        ),
        findings: [found('torn-tail', 6)],
    },
    {
        name: 'foreign-file',
        files: logFiles({
            [morning]: lines.slice(0, 4),
            [later]: lines.slice(4),
            'backup/2019-04-28T10.composition.jsonl': lines.slice(4),
        }),
        findings: [
            found('foreign-file', null, 'backup/2019-04-28T10.composition.jsonl'),
            found('duplicate-record', 1, 'backup/2019-04-28T10.composition.jsonl'),
            found('duplicate-record', 2, 'backup/2019-04-28T10.composition.jsonl'),
        ],
    },
    {
        name: 'store-within',
        files: { ...oneFile(lines.slice(0, 4)), [`process-store/composition/${morning}`]: logFile(lines) },
        findings: [found('store-within', null, null)],
    },
    {
        name: 'line-end-missing',
        files: oneFile(Buffer.from(lines.join('\n'))),
        findings: [found('line-end-missing', 6)],
    },
    {
        name: 'blank-line',
        files: oneFile(lines.toSpliced(3, 0, '', '')),
        findings: [found('blank-line', 4)],
    },
    {
        name: 'byte-order-mark',
        files: oneFile(withMark),
        findings: [found('byte-order-mark', 1)],
    },
    {
        name: 'set-state-ignored-by-host',
        files: oneFile(march.lines),
        findings: [found('set-state-ignored-by-host', 2), found('events-ignored-by-host', null, null)],
    },
    {
        name: 'lone-surrogate',
        files: oneFile(halved.lines),
        findings: [found('lone-surrogate', 3)],
    },
    {
        name: 'events-ignored-by-host',
        files: oneFile(march.lines.slice(0, 1)),
        findings: [found('events-ignored-by-host', null, null)],
    },
    {
        name: 'generation-refused-by-host',
        files: oneFile(november.lines),
        findings: [found('generation-refused-by-host', 1)],
    },
    {
        name: 'reference-in-record',
        files: oneFile([
            ...lines,
            `{"ParentHashBase16":"${hashes[5]!}","AppendedEvents":[{"$ref":"1","LiteralString":"{}"}]}`,
        ]),
        findings: [found('reference-in-record', 7)],
    },
    {
        name: 'later-log-file',
        files: { ...oneFile(lines), [`composition/${farFuture}`]: Buffer.alloc(0) },
        findings: [found('later-log-file', null, farFuture)],
    },
    {
        name: 'irregular-file',
        files: logFiles({ [morning]: lines }),
        links: { [`composition/${later}`]: 'moved-to-another-disk.jsonl' },
        findings: [found('irregular-file', null, later)],
    },
    {
        name: 'second-path',
        files: logFiles({ [morning]: lines.slice(0, 3), [later]: lines.slice(3) }),
        links: { 'composition/again': '2019-04-28' },
        findings: [found('second-path', null, 'again')],
    },
    {
        name: 'unlinked-record',
        files: oneFile(
            lines.toSpliced(3, 0, recordLine({ parent: november.head, events: ['{"addition":7}'] })),
        ),
        findings: [found('unlinked-record', 4)],
    },
    {
        name: 'duplicate-record',
        files: oneFile(lines.toSpliced(3, 0, lines[1]!)),
        findings: [found('duplicate-record', 4)],
    },
    {
        name: 'duplicate-record-as-last-line',
        files: oneFile([...lines, lines[1]!]),
        findings: [found('head-not-last', 6), found('duplicate-record', 7)],
    },
    {
        name: 'head-differs',
        files: oneFile(lines.slice(0, 5)),
        flags: ['--expect-head', hashes[5]!],
        findings: [found('head-differs', null, null)],
    },
]
