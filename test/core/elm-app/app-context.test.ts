import assert from 'node:assert/strict'
import { test } from 'node:test'
import { evaluateApp } from '../../../src/core/elm-app/app-context.js'

/** What an expression yields where an app's script stands. */
function within(expression: string, write?: (text: string) => void): unknown {
    return evaluateApp(`complogPublish({ initState: (${expression}) })`, write)?.initState
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
    ]
    for (const way of ways) assert.throws(() => within(way, () => undefined), way)
})

test('a script cannot import', async () => {
    await assert.rejects(within(`import('node:fs')`) as Promise<unknown>)
})

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

test('a script that publishes nothing yields nothing', () => {
    assert.equal(evaluateApp('1', undefined), undefined)
})
