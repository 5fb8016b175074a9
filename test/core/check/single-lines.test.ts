import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'

import { counterLog, LogWriter, logFile, recordLine } from '../../support/log-writer.js'
import { dailyFile, openAndCheck, recordsOf, summaries } from '../../support/stores.js'
import { temporaryFolder, writeFiles } from '../../support/temporary.js'

const log = counterLog(6)
const { lines } = log
const at = (line: number) => `${dailyFile}:${line}`

async function check(
    t: TestContext,
    file: Uint8Array | string | Record<string, Uint8Array | string>,
    lineSizeBytesMax?: number,
) {
    const folder = temporaryFolder(t)
    const files = typeof file === 'string' || file instanceof Uint8Array ? { [dailyFile]: file } : file
    for (const [name, content] of Object.entries(files))
        writeFiles(folder, { [`composition/${name}`]: content })
    return openAndCheck(folder, {}, lineSizeBytesMax === undefined ? {} : { lineSizeBytesMax })
}

test('line ends are no part of a record: LF, CRLF and both in one file give the same chain', async (t) => {
    const mixed = lines.map((line, i) => line + (i % 2 === 0 ? '\n' : '\r\n')).join('')
    for (const file of [logFile(lines), logFile(lines, '\r\n'), mixed]) {
        const checked = await check(t, file)
        assert.deepEqual([checked.longest.head, checked.counts.records], [log.head, 6])
        assert.deepEqual(summaries(checked), [])
    }
})

test('blank lines are one warning at the first of them, and harm nothing', async (t) => {
    const blanks = `\n${lines.slice(0, 3).join('\n')}\n\n\r\n${lines.slice(3).join('\n\n')}\n`
    const checked = await check(t, blanks)
    assert.deepEqual([checked.longest.head, checked.isOneChain], [log.head, true])
    assert.deepEqual(summaries(checked), [`blank-line (warning) ${at(1)}`])
    assert.match(checked.findings.list[0]?.message ?? '', /^5 lines are empty/)
})

test('a last line without line end is read, and a warning in each file', async (t) => {
    const checked = await check(t, {
        '2019-04-01.composition.jsonl': lines.slice(0, 2).join('\n'),
        '2019-04-02.composition.jsonl': lines.slice(2).join('\n'),
    })
    assert.deepEqual([checked.longest.head, checked.isOneChain], [log.head, true])
    assert.deepEqual(summaries(checked), [
        'line-end-missing (warning) 2019-04-01.composition.jsonl:2',
        'line-end-missing (warning) 2019-04-02.composition.jsonl:4',
    ])
})

test('a byte order mark is a note, and no part of the first record', async (t) => {
    const checked = await check(t, Buffer.concat([Buffer.from('\uFEFF'), logFile(lines)]))
    assert.equal(checked.longest.head, log.head)
    assert.deepEqual(summaries(checked), [`byte-order-mark (note) ${at(1)}`])
    assert.equal(checked.findings.list[0]?.place?.offsetBytes, 3)
})

test('the parent may be named in hex of either case', async (t) => {
    const lower = new LogWriter()
    lower.add({ events: ['{"addition":1}'] })
    const second = recordLine({ parent: lower.head, events: ['{"addition":2}'] }).replace(
        lower.head,
        lower.head.toLowerCase(),
    )
    const checked = await check(t, logFile([...lower.lines, second]))
    assert.deepEqual([checked.isOneChain, checked.longest.length], [true, 2])
    assert.deepEqual(summaries(checked), [])
})

test('generations may follow each other in one log', async (t) => {
    const mixed = new LogWriter()
    mixed.add({ generation: '2018-11', events: ['{"addition":1}', '{"addition":2}'] })
    mixed.add({ generation: '2018-11', setState: '5' })
    mixed.add({ generation: '2019-03', events: ['{"addition":3}'] })
    mixed.add({ generation: '2019-03', setState: '7' })
    mixed.add({ generation: '2019-04', setState: '8', events: ['{"addition":4}'] })
    const checked = await check(t, logFile(mixed.lines))
    assert.equal(checked.isOneChain, true)
    assert.deepEqual(checked.counts.generations, { '2018-11': 2, '2019-03': 2, '2019-04': 1 })
    assert.deepEqual([checked.counts.events, checked.counts.setStates], [4, 3])
    assert.deepEqual(summaries(checked), [
        `set-state-ignored-by-host (warning) ${at(4)}`,
        `generation-refused-by-host (note) ${at(1)}`,
        'events-ignored-by-host (note)',
    ])
    assert.deepEqual(
        (await recordsOf(checked.longest)).map(({ setState, events }) => [setState, events.length]),
        [
            [undefined, 2],
            ['5', 0],
            [undefined, 1],
            ['7', 0],
            ['8', 1],
        ],
    )
})

test('bytes that are not UTF-8 are named by file, line and byte', async (t) => {
    const wrong = Buffer.from(lines[2]!)
    wrong[10] = 0xff
    const checked = await check(t, logFile(lines.map((line, i) => (i === 2 ? wrong : line))))
    assert.deepEqual(summaries(checked), [`invalid-utf8 (error) ${at(3)}`, `missing-parent (error) ${at(4)}`])
    const [found] = checked.findings.list
    assert.deepEqual(found?.place, {
        file: dailyFile,
        line: 3,
        offsetBytes: lines[0]!.length + lines[1]!.length + 2,
        sizeBytes: wrong.length,
    })
    assert.match(found.message, /from byte 10 of the line on/)
})

test('a line longer than the bound is an error at its place, not read, and the rest is', async (t) => {
    const big = new LogWriter()
    big.addAdditions(1, 2)
    big.add({ events: ['x'.repeat(2_500_000)] })
    big.addAdditions(3)
    const checked = await check(t, logFile(big.lines), 200)
    assert.deepEqual(summaries(checked), [
        `oversized-line (error) ${at(3)}`,
        `missing-parent (error) ${at(4)}`,
    ])
    assert.equal(checked.findings.list[0]?.place?.sizeBytes, big.lines[2]!.length)
    assert.deepEqual([checked.counts.records, checked.counts.unreadableLines], [3, 1])
    assert.equal((await check(t, logFile(big.lines), big.lines[2]!.length)).isOneChain, true)
})

test('a record that was cut short at the end of the log is a torn tail, in any other file it is malformed', async (t) => {
    const torn = lines[3]!.slice(0, 100)
    const atEnd = await check(t, Buffer.concat([logFile(lines.slice(0, 3)), Buffer.from(torn)]))
    assert.deepEqual(summaries(atEnd), [`torn-tail (error) ${at(4)}`])
    assert.deepEqual([atEnd.longest.length, atEnd.isOneChain], [3, false])
    const behindEmptyFile = await check(t, {
        '2019-04-01.composition.jsonl': Buffer.concat([logFile(lines.slice(0, 3)), Buffer.from(torn)]),
        '2019-04-02.composition.jsonl': '',
    })
    assert.deepEqual(summaries(behindEmptyFile), [`torn-tail (error) ${at(4)}`])
    const ended = await check(t, logFile([...lines.slice(0, 3), torn]))
    assert.deepEqual(summaries(ended), [`malformed-record (error) ${at(4)}`])
    const before = await check(t, {
        '2019-04-01.composition.jsonl': Buffer.concat([logFile(lines.slice(0, 3)), Buffer.from(torn)]),
        '2019-04-02.composition.jsonl': logFile(lines.slice(3)),
    })
    assert.deepEqual(summaries(before), [`malformed-record (error) ${at(4)}`])
    const zeros = await check(t, Buffer.concat([logFile(lines.slice(0, 3)), Buffer.alloc(5000)]))
    assert.deepEqual(summaries(zeros), [`torn-tail (error) ${at(4)}`])
})

test('a log without any line is sound, and its head is genesis', async (t) => {
    for (const file of ['', '\n', '\r\n\n']) {
        const checked = await check(t, file)
        assert.deepEqual([checked.isOneChain, checked.longest.length, checked.heads.length], [true, 0, 0])
        assert.equal(checked.findings.counts.error, 0)
    }
})

test('a record with half of a surrogate pair is named, read by whichever way', async (t) => {
    const log = new LogWriter().addAdditions(1)
    log.add({ events: ['a', '\ud83d\ude00 \ud800'] })
    log.add({ setState: '\udfff' })
    log.add({ generation: '2018-11', events: ['\ude00\ud83d'] })
    log.add({ generation: '2019-03', events: ['\ud83d'] })
    // Pairs are characters, escaped or not, and so is what only looks like an escape.
    const spelled = recordLine({ parent: log.head, events: ['one', '\\ud800 😀'] })
    const escaped = spelled.replace('one', '\\ud83d\\ude00 \\uD83D\\uDE00 \\ud7ff\\ue000')
    const checked = await check(t, logFile([...log.lines, escaped]))
    assert.deepEqual([checked.reader, checked.isOneChain], ['fast', true])
    assert.deepEqual(
        summaries(checked).filter((text) => text.startsWith('lone')),
        [
            `lone-surrogate (warning) ${at(2)}`,
            `lone-surrogate (warning) ${at(3)}`,
            `lone-surrogate (warning) ${at(4)}`,
            `lone-surrogate (warning) ${at(5)}`,
        ],
    )
    assert.deepEqual(
        checked.findings.list.slice(0, 2).map(({ message }) => message),
        [
            'Event 2 of the record holds half of a surrogate pair.',
            'The state that the record sets holds half of a surrogate pair.',
        ],
    )
})

test('a field that stands twice makes a record malformed, however it is spelled', async (t) => {
    const first = lines[0] as string
    const twice = [
        first.replace(/\}$/, ',"AppendedEvents":[]}'),
        first.replace('{', '{"AppendedEvents":null,'),
        first.replace('{', '{"Parent\\u0048ashBase16" : "00",'),
        first.replace('{"LiteralString"', '{"LiteralString":"y","LiteralString"'),
    ]
    for (const line of twice) {
        const checked = await check(t, logFile([line]))
        assert.deepEqual(summaries(checked), [`malformed-record (error) ${at(1)}`], line)
        assert.match(checked.findings.list[0]?.message ?? '', /^It holds the field \w+ twice\.$/)
    }
    // Of what nobody reads, and in texts, a name may stand as often as it likes.
    const often = recordLine({ events: ['{"AppendedEvents":1,"AppendedEvents":2}', '{"a":{},"a":[]}'] })
    const unknown = often.replace('{', '{"Note":1,"Note":["SetState","SetState"],')
    assert.deepEqual(summaries(await check(t, logFile([unknown]))), [])
})
