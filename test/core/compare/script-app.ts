// Compiled scripts as apps, so that each of many versions need not be compiled.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import type { LoadedElmApp } from '../../../src/core/elm-app/elm-app.js'
import { loadElmApp } from '../../../src/core/elm-app/load-app.js'

let count = 0

/** An app of a script in which `entry` names the module of its functions. */
export function appOfScript(
    folder: string,
    entry: string,
    script: string,
    eventTimeMillisecondsMax = 1000,
): Promise<LoadedElmApp> {
    const path = join(folder, `app-${count++}.js`)
    writeFileSync(path, script)
    return loadElmApp({ path, entry, allowScript: true, limits: { eventTimeMillisecondsMax } })
}

/**
 * A script in the form that elm make writes, of an app with a state that is JSON.
 * @param update the body of a function of `event` and `state`, which returns the state and the response
 */
export function scriptOf(update: string, initState = '0', deserialize = 'JSON.parse(text)'): string {
    return `(function(scope){
'use strict';
function F(arity, fun, wrapper) { wrapper.a = arity; wrapper.f = fun; return wrapper; }
function F2(fun) { return F(2, fun, function(a) { return function(b) { return fun(a,b); }; }) }
function A2(fun, a, b) { return fun.a === 2 ? fun.f(a, b) : fun(a)(b); }
function _Platform_export(exports) { scope['Elm'] = exports; }
var $author$project$App$initState = ${initState};
var $author$project$App$processSerializedEvent = F2(function (text, state) {
    var event = JSON.parse(text);
    var done = (function () { ${update} }());
    return { a: done[0], b: done[1] };
});
var $author$project$App$serializeState = function (state) { return JSON.stringify(state); };
var $author$project$App$deserializeState = function (text) { return ${deserialize}; };
var $author$project$App$main = null;
_Platform_export({'App':{'init':$author$project$App$main}});}(this));
`
}
