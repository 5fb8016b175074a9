import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'

import { appPath, withApp } from '../support/cli.js'
import { resultOf } from '../support/envelope.js'
import { counterLog, LogWriter } from '../support/log-writer.js'
import { fixtureStores, makeStore } from '../support/stores.js'
import { temporaryFolder, writeFiles } from '../support/temporary.js'
import { warmComplog } from '../support/warm.js'

const folder = temporaryFolder({ after })
const web = fixtureStores.find(({ name }) => name === 'kalmit-2019-04-web')!
const orders = ['--app', appPath('orders'), '--with', appPath('orders-with-currency')]
const elmHome = withApp().slice(2)

/** The counter app with a part of its source replaced. */
function counterWith(name: string, from: string, to: string): string {
    const files = ['elm-app.map.json', 'elm-app/elm.json', 'elm-app/Counter.elm']
    const path = join(folder, name)
    for (const file of files) {
        const text = readFileSync(join(appPath('counter'), file), 'utf8')
        writeFiles(path, { [file]: file.endsWith('.elm') ? text.replace(from, to) : text })
    }
    return path
}

const doubled = counterWith(
    'doubled',
    'stateBefore + addition',
    'stateBefore + (if addition == 7 then 14 else addition)',
)

describe('compare', () => {
    test('two equal versions are equal, to every response of each store', async () => {
        for (const { path, app } of fixtureStores) {
            const { exitCode, stdout } = await warmComplog([
                'compare',
                path,
                ...withApp(app),
                '--with',
                appPath(app),
            ])
            assert.equal(exitCode, 0, stdout)
            assert.match(stdout, /^Equal: the same responses and states\.\n/)
        }
    })

    test('says where states were passed over, and with --exact passes over none', async () => {
        const [from, to] = [
            'String.fromInt state\n\n\n',
            'String.fromInt state ++ String.repeat 500 "x"\n\n\n',
        ]
        const large = counterWith('large', from, to)
        const store = makeStore(temporaryFolder({ after }), counterLog(20_000).lines)
        const args = [store, '--app', large, '--with', large, ...elmHome]
        const { exitCode, stdout } = await warmComplog(['compare', ...args])
        assert.equal(exitCode, 0)
        assert.match(
            stdout,
            /^Equal: .* States were compared at least once in\s\d+\sevents;\s--exact\scompares all\.\n/,
        )
        const exact = await warmComplog(['compare', ...args, '--exact'])
        assert.match(exact.stdout, /^Equal: the same responses and states\.\n/)
    })

    test('NEW that fails at its start is a difference', async () => {
        const broken = counterWith(
            'broken',
            'initState =\n    0',
            'initState =\n    endless 0\n\n\nendless : Int -> Int\nendless n =\n    endless (n + 1) + 1',
        )
        const store = makeStore(temporaryFolder({ after }), counterLog(3).lines)
        const { exitCode, stdout } = await warmComplog(['compare', store, ...withApp(), '--with', broken])
        assert.equal(exitCode, 3)
        assert.match(stdout, /At the beginning, before any record, NEW fails/)
    })

    test('the first difference is shown with its event, both sides and what is different', async () => {
        const store = makeStore(temporaryFolder({ after }), counterLog(30).lines)
        const args = [store, ...withApp(), '--with', doubled]
        const { exitCode, stdout } = await warmComplog(['compare', ...args])
        assert.equal(exitCode, 3)
        assert.match(stdout, /^Different: 24 responses, 1 state\.\n/)
        assert.match(stdout, /At record #7, [0-9A-F]{12}…, NEW answers otherwise:/)
        assert.match(stdout, /event +addition +\{"addition":7\}\n +OLD +28\n +NEW +35\n/)
        assert.match(stdout, /28 → 35/)
        const { comparison } = await resultOf('compare', args, 'no')
        assert.deepEqual(comparison?.totals, { responses: 24, states: 1, failures: 0 })
        assert.deepEqual(comparison.atEnd?.changes, [{ pointer: '', before: '465', after: '472' }])
        const resynced = await resultOf('compare', [...args, '--resync'], 'no')
        assert.deepEqual(resynced.comparison?.totals, { responses: 1, states: 1, failures: 0 })
        assert.equal(resynced.comparison.atEnd, null)
    })

    test('it looks between two records alone', async () => {
        const store = makeStore(temporaryFolder({ after }), counterLog(30).lines)
        const args = ['compare', store, ...withApp(), '--with', doubled]
        assert.equal((await warmComplog([...args, '--from', '#7'])).exitCode, 0)
        assert.equal((await warmComplog([...args, '--until', '#6'])).exitCode, 0)
        assert.equal((await warmComplog([...args, '--from', '#6', '--until', '#7'])).exitCode, 3)
    })

    test('what is ignored is no difference', async () => {
        const args = [web.path, ...orders, ...elmHome]
        const some = await resultOf('compare', args, 'no')
        assert.equal(some.comparison?.groups.at(0)?.path, '/currency')
        const none = await resultOf('compare', [...args, '--ignore', '/currency'])
        assert.deepEqual([none.ignored, none.comparison?.first], [['/currency'], null])
    })

    test('an upgrade says what is lost and added, and an equal version loses nothing', async () => {
        const args = [web.path, ...elmHome, '--upgrade', ...orders]
        const { upgrade } = await resultOf('compare', args, 'no')
        assert.deepEqual(
            upgrade?.changes.map(({ change, path }) => [change, path]),
            [
                ['added', '/currency'],
                ['lost', '/orders/*'],
            ],
        )
        const { exitCode, stdout } = await warmComplog(['compare', ...args])
        assert.equal(exitCode, 3)
        assert.match(stdout, /^NEW does not go on from what OLD stored/)
        assert.match(stdout, /lost +\/orders\/\*/)
        const same = [...args.slice(0, -1), appPath('orders')]
        assert.match((await warmComplog(['compare', ...same])).stdout, /^NEW goes on from what OLD stored/)
    })

    test('a command line that leaves out or mixes up something is refused, and nothing is written', async () => {
        const report = join(folder, 'refused.txt')
        for (const [args, said] of [
            [withApp(), /--with names the new one/],
            [['--with', doubled], /Which app\?/],
            [[...withApp(), '--with', doubled, '--ignore', 'sum'], /"sum" is not a JSON pointer/],
            [[...withApp(), '--with', doubled, '--report', report], /In which form\?/],
            [[...withApp(), '--with', doubled, '--report', join(web.path, 'composition/r.md')], /--report/],
            [[...withApp(), '--with', doubled, '--upgrade', '--resync'], /cannot also be provided/],
        ] as const) {
            const { exitCode, stdout, stderr } = await warmComplog(['compare', web.path, ...args])
            assert.deepEqual([exitCode, stdout], [2, ''], String(said))
            assert.match(stderr, said)
        }
        assert.equal(existsSync(report), false)
    })
})

describe('a report of a comparison', () => {
    const hostile = '</script><img src=x onerror=alert(1)>\u001b]0;owned\u0007 ``` | ]]> \ud800 & "\''
    const quoted = counterWith('hostile', '"Failed to deserialize event: "', '"Could not read: "')

    async function reportAs(extension: string): Promise<string> {
        const log = new LogWriter()
        log.add({ events: [JSON.stringify({ [hostile]: hostile })] })
        const store = makeStore(temporaryFolder({ after }), log.lines)
        const report = join(folder, `report.${extension}`)
        const args = ['compare', store, ...withApp(), '--with', quoted, '--report', report]
        const { exitCode, stdout } = await warmComplog(args)
        assert.equal(exitCode, 3)
        // rslint-disable-next-line no-control-regex
        assert.doesNotMatch(stdout, /[\u0000-\u0008\u000b-\u001f]/)
        return readFileSync(report, 'utf8')
    }

    for (const extension of ['md', 'html', 'xml']) {
        test(`as .${extension} holds no control character, and nothing of an event that is markup`, async () => {
            const text = await reportAs(extension)
            // rslint-disable-next-line no-control-regex
            assert.doesNotMatch(text, /[\u0000-\u0008\u000b-\u001f\u007f]/)
            assert.ok(text.isWellFormed())
            if (extension === 'md') {
                const outside = text.replaceAll(/^(`{3,})text\n[^]*?\n\1$/gm, '')
                assert.doesNotMatch(outside, /<|`/)
            } else assert.doesNotMatch(text, /<\/script>|<img|onerror=alert\(1\)>/)
        })
    }

    /** What a parser of XML finds: of each test case its suite, names and failures. */
    function casesIn(xml: string): readonly Record<string, string | number>[] {
        const program = `
import json, sys, xml.etree.ElementTree as tree
root = tree.fromstring(sys.stdin.buffer.read())
assert root.tag == 'testsuites' and [suite.tag for suite in root] == ['testsuite']
for each in (root, root[0]):
    assert int(each.attrib['tests']) == len(root.findall('.//testcase'))
    assert int(each.attrib['failures']) == len(root.findall('.//failure'))
print(json.dumps([{'classname': case.attrib['classname'], 'name': case.attrib['name'],
    'failures': len(case), 'text': ''.join(case.itertext())} for case in root[0]]))`
        const { status, stdout, stderr } = spawnSync('python3', ['-c', program], {
            input: xml,
            encoding: 'utf8',
        })
        assert.equal(status, 0, stderr)
        return JSON.parse(stdout) as Record<string, string | number>[]
    }

    const noParser = spawnSync('python3', ['--version']).status !== 0 && 'there is no python3'

    test('as .xml names a failure for each kind of difference, to a parser', { skip: noParser }, async () => {
        const [found, ...others] = casesIn(await reportAs('xml'))
        assert.equal(others.length, 0)
        assert.deepEqual([found?.['classname'], found?.['failures']], ['complog', 1])
        assert.match(String(found?.['text']), /^once, first in record #1\nDifferent: 1 response\./)
    })

    test('of an upgrade says what becomes of the state, in each form', { skip: noParser }, async () => {
        const args = [web.path, ...orders, ...elmHome, '--upgrade', '--report']
        const [md, html, xml] = await Promise.all(
            ['md', 'html', 'xml'].map(async (extension) => {
                const report = join(folder, `upgrade.${extension}`)
                await warmComplog(['compare', ...args, report])
                return readFileSync(report, 'utf8')
            }),
        )
        assert.match(md!, /^- \/orders\/\* {2}"tab\\t" → –$/m)
        assert.match(html!, /<span class="removed">- \/orders\/\* /)
        const cases = casesIn(xml!)
        assert.deepEqual(
            cases.map(({ name }) => name),
            ['state: lost (upgrade) /orders/*'],
        )
        for (const text of [md, html, String(cases[0]?.['text'])])
            assert.match(text!, /NEW\s+answers 100 otherwise/)
    })

    test('of equal versions is a test that passes', async () => {
        const report = join(folder, 'equal.xml')
        const [store] = fixtureStores
        await resultOf('compare', [
            store!.path,
            ...withApp(),
            '--with',
            appPath('counter'),
            '--report',
            report,
        ])
        assert.match(readFileSync(report, 'utf8'), /<testsuites tests="1" failures="0">/)
    })
})
