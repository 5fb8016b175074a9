// Apps as people had them, in the forms of the interface over the years: compiled, served as a process, restored, checked.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { describe, test } from 'node:test'

import { appPath, withAppAt } from '../support/cli.js'
import { startHost } from '../support/host-process.js'
import { fixturesFolder } from '../support/stores.js'
import { temporaryFolder, writeFiles } from '../support/temporary.js'
import { warmComplog } from '../support/warm.js'

interface RealApp {
    readonly name: string
    readonly uses: string
    /** Files of an app that is made here; default: those of the fixture of this name. */
    readonly files?: Readonly<Record<string, string>>
    /** Method, path, body; status, type and body of the answer. */
    readonly exchanges: readonly (readonly [string, string, string, number, string | null, string])[]
    readonly state: string
}

const text = 'text/plain; charset=utf-8'

const apps: readonly RealApp[] = [
    {
        name: 'visits',
        uses: 'the interface of November 2018, without headers, and Debug',
        exchanges: [
            ['GET', '/a', '', 200, null, 'Just 1'],
            ['POST', '/b%20c', 'body', 200, null, 'Just 1'],
            ['GET', '/a', '', 200, null, 'Just 2'],
        ],
        state: '[["http://app.test/a",2],["http://app.test/b c",1]]',
    },
    {
        name: 'notes',
        uses: 'the convention of May 2019, several modules, a large state, and tasks that never run',
        exchanges: [
            ['POST', '/notes', 'ä #one', 201, text, '[{"id":1,"text":"ä #one","tags":["#one"]}]'],
            ['GET', '/notes/2', '', 404, text, 'There is no such note.'],
            ['DELETE', '/', '', 400, text, 'What is that?'],
            ['POST', '/fill/20000', '', 200, text, '20001'],
            ['GET', '/notes/2', '', 200, text, 'note 1'],
        ],
        state: JSON.stringify([
            { id: 1, text: 'ä #one', tags: ['#one'] },
            ...Array.from({ length: 20_000 }, (_, n) => ({ id: n + 2, text: `note ${n + 1}`, tags: [] })),
        ]),
    },
    {
        name: 'guestbook',
        uses: 'the interface of April 2019, regular expressions, times and bytes',
        exchanges: [
            [
                'POST',
                '/',
                'See http://a.test and HTTPS://B.TEST/x',
                200,
                text,
                '[{"from":"a visitor","links":["1 http://a.test","2 HTTPS://B.TEST"],"text":"See [at 4] and HTTPS://B.TEST/x"}]',
            ],
            ['GET', '/date/1556409600123', '', 200, text, '2019 April 28 2 0 0 123'],
            ['GET', '/date/1552000000000', '', 200, text, '2019 another month 8 0 6 40 0'],
            ['GET', `/tag/${encodeURIComponent('ä€😀')}`, '', 200, text, 'ä€😀 18 19 1689'],
            ['GET', '/', '', 200, text, 'one|two|three'],
        ],
        state: '[{"from":"a visitor","links":["1 http://a.test","2 HTTPS://B.TEST"],"text":"See [at 4] and HTTPS://B.TEST/x"}]',
    },
    {
        name: 'jobs',
        uses: 'ports in two port modules, tasks, and a program that would wait and repeat',
        exchanges: [
            ['POST', '/', 'print', 202, null, '1'],
            ['PUT', '/', 'print', 202, null, '1'],
            ['PUT', '/', 'fold', 202, null, 'no such job'],
        ],
        state: '{"print":1}',
    },
    {
        name: 'steps',
        uses: 'forty modules, and an entry without main, to which the host adds one',
        files: manyModules(40),
        exchanges: [
            ['GET', '/', '', 200, null, '821'],
            ['GET', '/', '', 200, null, '1642'],
        ],
        state: '1642',
    },
]

/** An app whose modules each add their number to what the one before makes of the state. */
function manyModules(count: number): Record<string, string> {
    const module = (number: number) =>
        number === 0
            ? 'module Steps.Step0 exposing (step)\n\nstep : Int -> Int\nstep n =\n    n + 1\n'
            : `module Steps.Step${number} exposing (step)

import Steps.Step${number - 1}

step : Int -> Int
step =
    Steps.Step${number - 1}.step >> (+) ${number}
`
    const modules = Array.from({ length: count + 1 }, (_, number) => [
        `src/Steps/Step${number}.elm`,
        module(number),
    ])
    const main = `module Backend.Main exposing (..)

import Json.Decode as Decode
import Json.Encode as Encode
import Steps.Step${count}

interfaceToHost_initState : Int
interfaceToHost_initState =
    0

interfaceToHost_processEvent : String -> Int -> ( Int, String )
interfaceToHost_processEvent text state =
    let
        after =
            Steps.Step${count}.step state

        id =
            Decode.decodeString (Decode.at [ "httpRequest", "httpRequestId" ] Decode.string) text
                |> Result.withDefault ""

        response =
            Encode.object
                [ ( "statusCode", Encode.int 200 ), ( "bodyAsString", Encode.string (String.fromInt after) ) ]

        completion =
            Encode.object [ ( "httpRequestId", Encode.string id ), ( "response", response ) ]
    in
    ( after
    , Encode.object
        [ ( "decodeEventSuccess"
          , Encode.list identity [ Encode.object [ ( "completeHttpResponse", completion ) ] ]
          )
        ]
        |> Encode.encode 0
    )

interfaceToHost_serializeState : Int -> String
interfaceToHost_serializeState =
    String.fromInt

interfaceToHost_deserializeState : String -> Int
interfaceToHost_deserializeState =
    String.toInt >> Maybe.withDefault 0
`
    return {
        'elm.json': readFileSync(join(fixturesFolder, 'apps/real/notes/elm.json'), 'utf8'),
        'src/Backend/Main.elm': main,
        ...(Object.fromEntries(modules) as Record<string, string>),
    }
}

describe('an app of those days gets its events, and its answers get through', { timeout: 300_000 }, () => {
    for (const { name, uses, files, exchanges, state } of apps) {
        test(`${name}: ${uses}`, async (t) => {
            const store = temporaryFolder(t)
            const generated = temporaryFolder(t)
            writeFiles(generated, files ?? {})
            const app = withAppAt(files === undefined ? appPath(`real/${name}`) : generated)
            const host = await startHost(t, store, { app })
            for (const [method, path, body, ...expected] of exchanges) {
                const answer = await ask(host.url, method, path, body)
                assert.deepEqual(answer, expected, `${method} ${path}`)
            }
            assert.equal(await host.end('SIGTERM'), 0)

            for (const from of [[], ['--from-genesis']]) {
                const { stdout, exitCode, stderr } = await warmComplog(['replay', store, ...app, ...from])
                assert.equal(exitCode, 0, stderr)
                assert.ok(stdout === state, stdout.slice(0, 1000))
            }
            const verified = await warmComplog(['verify-chain', store, ...app, '--json'])
            assert.equal(verified.exitCode, 0, verified.stderr)
            const { result } = JSON.parse(verified.stdout) as {
                result: { findings: unknown; records: number }
            }
            assert.deepEqual(result.findings, [])
        })
    }
})

test('what an app says by Debug.log as its events are replayed is shown with --app-log', async (t) => {
    const store = temporaryFolder(t)
    const app = withAppAt(appPath('real/visits'))
    const host = await startHost(t, store, { app, args: ['--app-log'] })
    for (const path of ['/a', '/a']) await ask(host.url, 'GET', path, '')
    assert.equal(await host.end('SIGTERM'), 0)
    const said =
        'visits: Dict.fromList [("http://app.test/a",1)]\nvisits: Dict.fromList [("http://app.test/a",2)]\n'
    const loud = await warmComplog(['replay', store, ...app, '--app-log', '--from-genesis'])
    assert.equal(loud.exitCode, 0)
    assert.ok(loud.stderr.includes(said), loud.stderr)
    const silent = await warmComplog(['replay', store, ...app, '--from-genesis'])
    assert.doesNotMatch(silent.stderr, /visits:/)
})

/** Status, type and body of the answer to a request of `app.test`. */
async function ask(url: string, method: string, path: string, body: string) {
    const { hostname, port } = new URL(url)
    const headers = { host: 'app.test', 'X-From': 'a visitor' }
    return new Promise<readonly [number | undefined, string | null, string]>((resolve, reject) => {
        const sent = request({ hostname, port, method, path, headers }, (answer) => {
            let received = ''
            answer.setEncoding('utf8').on('data', (more: string) => (received += more))
            answer.on('end', () =>
                resolve([answer.statusCode, answer.headers['content-type'] ?? null, received]),
            )
        })
        sent.on('error', reject).end(body)
    })
}
