import assert from 'node:assert/strict'
import { test } from 'node:test'

import { evaluateApp } from '../../../../src/core/elm-app/thread/app-context.js'
import { thinned } from '../../../support/thinned.js'

/** What an expression yields where an app's script stands. */
function within(expression: string, write?: (text: string) => void): unknown {
    return evaluateApp(`complogPublish({ initState: (${expression}) })`, { write })?.initState
}

test('a script sees the objects of JavaScript, and none of Node', () => {
    assert.equal(
        within('JSON.stringify([Math.max(1, 2), typeof Map, typeof Intl])'),
        '[2,"function","object"]',
    )
    for (const name of ['require', 'process', 'module', 'Buffer', 'setTimeout', 'fetch', 'global']) {
        assert.equal(within(`typeof ${name}`), 'undefined', name)
    }
})

test('no object that a script is given leads it out', () => {
    const ways = [
        `this.constructor.constructor('return process')()`,
        `complogPublish.constructor('return process')()`,
        `console.log.constructor('return process')()`,
        `Array.constructor('return process')()`,
        `(function () { return eval('process') })()`,
        `(function () { return arguments.callee.caller.constructor('return process')() })()`,
        `(async function () {}).constructor('return process')()`,
        `(function* () {}).constructor('return process')()`,
        `(async function () {})().constructor.constructor('return process')()`,
        `Object.getPrototypeOf(globalThis).constructor.constructor('return process')()`,
        `Object.getOwnPropertyDescriptor(Array, 'of').value.constructor('return process')()`,
        `Reflect.construct(Function, ['return process'])()`,
        `new Proxy({}, { get: function (t, key, me) { return me.constructor('return process')() } }).x`,
        `(function () {
            var sites;
            Error.prepareStackTrace = function (error, trace) { sites = trace; return '' };
            new Error('x').stack;
            return sites[0].getThis().constructor.constructor('return process')()
        })()`,
        `setTimeout('1')`,
        `new Worker('x')`,
        `queueMicrotask(function () {})`,
        `structuredClone({})`,
    ]
    for (const way of ways) assert.throws(() => within(way, () => undefined), way)
})

test('a script cannot import: what would answer it is Node', () =>
    assert.throws(() => within(`import('node:fs')`), { name: 'UnreadableScript', message: /cannot import/ }))

test('what is put off never runs, though the context is used again', async () => {
    const lines: string[] = []
    const later = `(Promise.resolve().then(function () { console.log('then') }),
        (async function () { await 0; console.log('await') })(),
        (async function* () { console.log('generator'); yield 1 })().next(), 1)`
    assert.equal(
        within(later, (text) => lines.push(text)),
        1,
    )
    await new Promise((resolve) => setTimeout(resolve, 20))
    assert.deepEqual(lines, ['generator'])
})

test('a script has nothing that Node, other threads or the collector of garbage would answer', () => {
    const names = ['Atomics', 'FinalizationRegistry', 'SharedArrayBuffer', 'WeakRef', 'WebAssembly']
    for (const name of names) assert.equal(within(`typeof ${name}`), 'undefined', name)
    assert.equal(within('typeof globalThis.console'), 'undefined')
})

/** How often a script tries what it does, from where the stack ends: far from there, it ends in nothing that is tried. */
const attempts = thinned(3000, 1e9)

// Wherever the stack ends, the error must be one of the script's own: Node's would lead to Node's Function.
for (const [what, attempt] of Object.entries({
    'asks for a stack': `new Error('x').stack`,
    'captures a stack': `var o = {}; Error.captureStackTrace(o); o.stack`,
    'asks for a stack of its own making': `Error.stackTraceLimit = 9; new Error('x').stack`,
    'writes to the log': `console.log('x')`,
    'evaluates a text': `eval('1')`,
    'makes a function': `Function('return 1')`,
    'rejects a promise': `Promise.resolve(1).then(f); (async function () { throw 1 })`,
    'uses the global object': `globalThis.q = 1; Object.getOwnPropertyDescriptor(globalThis, 'q').value;
        Object.defineProperty(globalThis, 'r', { get: f, configurable: true }); globalThis.r;
        Object.getOwnPropertyNames(globalThis); delete globalThis.q`,
    'uses a locale': `(1.5).toLocaleString('de'); new Intl.DateTimeFormat('de').format(0); 'a'.localeCompare('b')`,
    'takes JSON apart': `JSON.parse('{"a":[1]}', f); JSON.stringify({ toJSON: f })`,
    'matches a text': `/(a+)+b/.test('aaaa'); 'a'.replace(/a/, f)`,
})) {
    test(`a script that ${what} where the stack ends meets only errors of its own`, () => {
        const found = within(
            `(function () {
                var strangers = [], calls = 0, attempts = 0;
                function f() { calls += 1; return calls; }
                function attempt() { ${attempt} }
                function meet(error) {
                    if (!(error instanceof Error || error === 1)) strangers.push(typeof error);
                }
                function dig() {
                    try { dig() } catch (error) { meet(error) }
                    try { if (attempts++ < ${attempts}) attempt() } catch (error) { meet(error) }
                }
                try { dig() } catch (error) { meet(error) }
                return strangers.length + ' ' + (strangers[0] || 'none');
            })()`,
            () => undefined,
        )
        assert.equal(found, '0 none')
    })
}

test('two scripts do not see each other', () => {
    within('Array.prototype.leaked = 1')
    assert.equal(within('typeof [].leaked'), 'undefined')
    assert.equal('leaked' in [], false)
})

test('only console.log reaches the log, joined as the console does', () => {
    const lines: string[] = []
    within(`[console.warn('w'), console.error('e'), console.log('a', 1, null)]`, (text) => lines.push(text))
    assert.deepEqual(lines, ['a 1 null'])
    assert.equal(within(`console.log('dropped')`), undefined)
})

test('a script that publishes nothing yields nothing', () => assert.equal(evaluateApp('1'), undefined))

test('code of a script is made once, and made anew where V8 does not take it', () => {
    const codes: Uint8Array[] = []
    const run = (state: string, made?: Uint8Array) => {
        const script = `complogPublish({ initState: '${state}' + ' state' })`
        return evaluateApp(script, { code: { made, onMade: (code) => void codes.push(code) } })?.initState
    }
    assert.equal(run('new'), 'new state')
    assert.equal(codes.length, 1)
    assert.equal(run('new', codes[0]), 'new state')
    assert.equal(codes.length, 1)
    // Of a script that this process has not met: of others, V8 has the code itself since Node 22, and looks at no other.
    assert.equal(run('other', Buffer.from('no code at all')), 'other state')
    assert.equal(codes.length, 2)
    assert.equal(run('other', codes[1]), 'other state')
    assert.equal(codes.length, 2)
})

test('a script cannot reach the code that was made of it', () => {
    const script = `complogPublish({ initState: Object.getOwnPropertyNames(arguments.callee).join() })`
    let made: Uint8Array | undefined
    const run = () =>
        evaluateApp(script, { code: { made, onMade: (code) => (made = code) } })?.initState as string
    for (const names of [run(), run()]) assert.doesNotMatch(names, /cached/)
    assert.ok(made !== undefined)
})
