// What a compiled script can try, through the command as a person runs it: nothing of it may reach a file, the
// environment or the command's own result.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, type TestContext, test } from 'node:test'

import { loadElmApp } from '../../src/core/elm-app/load-app.js'
import { ComplogError } from '../../src/core/errors.js'
import { restore } from '../../src/core/restore/restore.js'
import { openProcessStore } from '../../src/core/store/process-store.js'
import { complog } from '../support/cli.js'
import { errorOf } from '../support/envelope.js'
import { escapeAttempts, importAttempts } from '../support/escape-attempts.js'
import { hostileApp } from '../support/hostile-script.js'
import { listing } from '../support/listing.js'
import { LogWriter } from '../support/log-writer.js'
import { makeStore } from '../support/stores.js'
import { temporaryFolder } from '../support/temporary.js'
import { thinned } from '../support/thinned.js'
import { warmComplog } from '../support/warm.js'

const secret = 'the-canary-sings'
const env = { CANARY: secret }

function storeWith(owner: { after(end: () => void): void }, events: readonly string[]): string {
    const log = new LogWriter()
    for (const event of events) log.add({ events: [event] })
    return makeStore(temporaryFolder(owner), log.lines)
}

const smallHeap = ['--app-heap', '64MiB']
const shortTime = ['--event-timeout', '300ms']

/** How a replay is asked for: by the command, or by the library that it calls, which takes less time. */
interface Asked {
    readonly byCommand: boolean
    readonly flags?: readonly string[]
    /** Of the command. */
    readonly exitCode: number
}

function replayByLibrary(store: string, app: readonly string[], flags: readonly string[] = []) {
    const limits = {
        ...(flags === shortTime && { eventTimeMillisecondsMax: 300 }),
        ...(flags === smallHeap && { appHeapMebibytesMax: 64 }),
    }
    return loadElmApp({ path: app[1]!, entry: 'Counter', allowScript: true, limits }).then(async (loaded) =>
        restore(await openProcessStore(store), loaded),
    )
}

/** What the error of a replay says. */
async function failureOf(store: string, app: readonly string[], { byCommand, flags = [], exitCode }: Asked) {
    if (byCommand) {
        const error = await errorOf('replay', [store, ...app, ...flags], { env })
        assert.equal(error.exitCode, exitCode, error.message)
        return error
    }
    const error = await replayByLibrary(store, app, flags).then(
        () => assert.fail('It went on.'),
        (thrown: unknown) => thrown,
    )
    assert.ok(error instanceof ComplogError, String(error))
    return error
}

const file = join(temporaryFolder({ after }), 'canary')
writeFileSync(file, secret)

describe('a script that is given with --app', () => {
    test('is refused without --allow-script, and nothing of it runs', async (t) => {
        const app = hostileApp(temporaryFolder(t), {}, { atStart: 'for (;;) {}' })
        const flags = app.filter((flag) => flag !== '--allow-script')
        for (const command of ['replay', 'reduce', 'profile', 'verify-chain'] as const) {
            const error = await errorOf(command, [storeWith(t, ['1']), ...flags])
            assert.deepEqual([error.exitCode, error.code], [2, 'script-not-allowed'], command)
            assert.match(error.hint ?? '', /folder or zip.*--allow-script/)
        }
    })

    test('runs with it, in every command', async (t) => {
        const app = hostileApp(temporaryFolder(t), {})
        const store = storeWith(t, ['1', '1', '1'])
        for (const args of [
            ['reduce', store, '--at', '#2', ...app],
            ['verify-chain', store, ...app],
            ['truncate', store, ...app, '--yes'],
            ['profile', store, '--runs', '1', '--warmup', '0', ...app],
        ]) {
            const { exitCode, stderr } = await warmComplog(args)
            assert.equal(exitCode, 0, `${args.join(' ')}: ${stderr}`)
        }
        assert.equal((await warmComplog(['replay', store, ...app])).stdout, '3')
    })
})

describe('a script that tries to get out by', async () => {
    const folder = temporaryFolder({ after })
    const names = Object.keys(escapeAttempts)
    const store = storeWith({ after }, ['1', ...names, '1', 'the names of Node', '1'])
    const responsesFile = join(folder, 'responses')
    const app = hostileApp(folder, escapeAttempts)
    const before = listing(store)
    const { exitCode, stdout, stderr } = await complog(
        ['replay', store, ...app, '--responses', responsesFile, '--app-log'],
        { env },
    )
    const responses = readFileSync(responsesFile, 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown)

    for (const [index, name] of names.entries()) {
        test(name, () => assert.equal(responses[index + 1], 'contained'))
    }
    test('any of these changes neither the result nor the store, and shows nothing of the environment', () => {
        assert.deepEqual([exitCode, stdout], [0, '3'], stderr)
        assert.equal(responses.at(-2), 'contained')
        assert.ok(!`${stdout}${stderr}${responses.join()}`.includes(secret))
        assert.deepEqual(listing(store), before)
    })

    for (const code of importAttempts) {
        test(`${code} is refused before it runs`, async (t) => {
            const imports = hostileApp(temporaryFolder(t), { x: code })
            const byCommand = thinned(code === importAttempts[0], true)
            const error = await failureOf(storeWith(t, ['1']), imports, { byCommand, exitCode: 14 })
            assert.equal(error.code, 'app-malformed')
            assert.match(error.message, /an app cannot import anything/)
        })
    }
})

/** What a script does at every event or at its start, and that it changes nothing but its own state. */
const patches: Readonly<Record<string, string>> = {
    'every function of the prototypes': `
        var all = [Array, String, Object, Number, Map, Set, Promise, RegExp, Error], own = Object.getOwnPropertyNames;
        for (var i = 0; i < all.length; i++) {
            var names = own(all[i].prototype);
            for (var j = 0; j < names.length; j++)
                try { all[i].prototype[names[j]] = function () { throw 'patched'; }; } catch (error) {}
        }`,
    'JSON, Object and Reflect': `
        JSON.parse = JSON.stringify = Object.keys = Object.entries = Reflect.apply = function () { throw 'patched'; }`,
    'the global object': `
        ['Array', 'Object', 'JSON', 'Promise', 'String', 'Error'].forEach(function (name) { globalThis[name] = 1; });
        ['process', 'require', 'performance', 'Atomics'].forEach(function (name) { globalThis[name] = { env: {} }; })`,
    'the iterator of arrays': `Array.prototype[Symbol.iterator] = function () { throw 'patched'; }`,
    thenables: `Object.prototype.then = function (resolve) { resolve('patched'); }`,
    'toJSON and toString': `
        Object.prototype.toJSON = String.prototype.toJSON = Object.prototype.toString =
            String.prototype.toString = function () { return 'patched'; }`,
    'symbols that the language asks for': `
        ['toPrimitive', 'hasInstance', 'species', 'toStringTag'].forEach(function (name) {
            try { Object.defineProperty(Object.prototype, Symbol[name], { value: function () { return 'patched' } }) }
            catch (error) {}
        })`,
    'getters named as what is read of a result': `
        ['kind', 'a', 'b', 'message', 'length', 'value'].forEach(function (name) {
            Object.defineProperty(Object.prototype, name, { get: function () { return 'patched'; }, configurable: true,
                set: function (value) {
                    Object.defineProperty(this, name, { value: value, writable: true, configurable: true, enumerable: true });
                } });
        })`,
}

describe('a script that patches', () => {
    // The command runs what the library runs: of it, what reaches furthest.
    const all = Object.keys(patches)
    const byCommand = thinned([all[0], 'the global object'], all)
    for (const [what, code] of Object.entries(patches)) {
        test(`${what} changes nothing but itself`, async (t) => {
            const app = hostileApp(temporaryFolder(t), {}, { atEvery: `if (state === 1) { ${code} }` })
            // A second instance, for each reduction that is compared, must not see it.
            const store = storeWith(t, ['1', '1', '1'])
            if (!byCommand.includes(what)) {
                assert.equal((await replayByLibrary(store, app)).state, '3')
                return
            }
            const { exitCode, stdout, stderr } = await warmComplog(['replay', store, ...app])
            assert.deepEqual([exitCode, stdout], [0, '3'], stderr)
        })
    }
})

interface End {
    readonly code: string
    readonly ends: 'app-threw' | 'app-timed-out' | 'app-out-of-memory'
    readonly flags?: readonly string[]
    readonly says?: RegExp
    /** By the command, in each case: one of each kind, and what the memory or the end of a process is about. */
    readonly byCommand?: true
}

const ends: Readonly<Record<string, End>> = {
    'loops for ever': { code: 'for (;;) {}', ends: 'app-timed-out', flags: shortTime },
    'catches everything for ever': {
        code: 'for (;;) try { for (;;) {} } catch (error) {} finally { continue }',
        ends: 'app-timed-out',
        flags: shortTime,
    },
    'matches a text for ever': {
        code: `/(a+)+$/.test('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab')`,
        ends: 'app-timed-out',
        flags: shortTime,
    },
    'is in a loop that V8 cannot interrupt': {
        code: '[].indexOf.call({ length: Math.pow(2, 53) - 1 }, 1)',
        ends: 'app-timed-out',
        byCommand: true,
        flags: shortTime,
    },
    'loops in the getter of its result': {
        code: 'return { a: 1, get b() { for (;;) {} } }',
        ends: 'app-timed-out',
        flags: shortTime,
    },
    'throws what loops when it is asked for its message': {
        code: 'throw { get message() { for (;;) {} } }',
        ends: 'app-timed-out',
        flags: shortTime,
    },
    'fills the heap with small objects': {
        code: 'for (var a = [];;) a.push({ x: [a.length] })',
        ends: 'app-out-of-memory',
        byCommand: true,
        flags: smallHeap,
    },
    'doubles an array until it does not fit': {
        code: 'for (var a = [1.5];;) a = a.concat(a)',
        ends: 'app-out-of-memory',
        flags: smallHeap,
    },
    'asks for one huge array': {
        code: `'x'.repeat(2e8).split('')`,
        ends: 'app-out-of-memory',
        byCommand: true,
        flags: smallHeap,
    },
    'keeps what does not fit in ArrayBuffers': {
        code: `for (own.held = []; own.held.length < 3;) own.held.push(new ArrayBuffer(1e8))`,
        ends: 'app-out-of-memory',
        flags: smallHeap,
        says: /ArrayBuffers grew beyond 64 MiB/,
    },
    // At most 4 GB, so that a machine survives it where this is not noticed; and not at once, so that it can be.
    'fills ArrayBuffers without an end': {
        code: `for (var held = []; held.length < 200;) {
            held.push(new Uint8Array(2e7).fill(1));
            for (var end = Date.now() + 20; Date.now() < end;);
        }
        return { a: state + held.length, b: '' }`,
        ends: 'app-out-of-memory',
        byCommand: true,
        flags: smallHeap,
        says: /the process grew by more than 1152 MiB/,
    },
    'recurses for ever': {
        code: '(function f() { return f() + 1; })()',
        ends: 'app-threw',
        byCommand: true,
        says: /stack size/,
    },
    'throws a proxy': {
        code: `throw new Proxy({}, { get: function () { throw 1; }, has: function () { throw 2; } })`,
        ends: 'app-threw',
        says: /no message/,
    },
    'throws a symbol': { code: `throw Symbol('s')`, ends: 'app-threw', says: /Symbol\(s\)/ },
    'throws nothing': { code: 'throw undefined', ends: 'app-threw', says: /undefined/ },
    'throws a message that nobody could read': {
        code: `throw new Error('long '.repeat(1e7))`,
        ends: 'app-threw',
        says: /^.{100,11000}$/,
    },
    'answers with a text that is an object': {
        code: `return { a: 1, b: new String('x') }`,
        ends: 'app-threw',
        says: /response is not a string/,
    },
    'answers with what pretends to be a text': {
        code: `return { a: 1, b: { toString: function () { return 'x'; }, length: 1, charCodeAt: function () {} } }`,
        ends: 'app-threw',
        says: /response is not a string/,
    },
    'answers with a promise': {
        code: `return Promise.resolve({ a: 1, b: 'x' })`,
        ends: 'app-threw',
        says: /response is not a string/,
    },
    'answers with nothing': { code: 'return null', ends: 'app-threw', says: /response is not a string/ },
}

describe('a script that', () => {
    for (const [what, end] of Object.entries(ends)) {
        test(`${what} ends the replay at its event, the command with 15`, async (t: TestContext) => {
            const app = hostileApp(temporaryFolder(t), {}, { atEvery: `if (state === 1) { ${end.code} }` })
            const store = storeWith(t, ['1', '1', '1'])
            const before = listing(store)
            const { flags, byCommand } = end
            const asked = { byCommand: thinned(byCommand === true, true), exitCode: 15, flags: flags ?? [] }
            const error = await failureOf(store, app, asked)
            assert.equal(error.code, end.ends, error.message)
            assert.match(error.message, end.says ?? /./)
            assert.deepEqual(listing(store), before)
            assert.equal(readFileSync(file, 'utf8'), secret)
        })
    }
})
