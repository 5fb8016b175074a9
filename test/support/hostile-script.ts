// A compiled script as elm make writes it, but with any JavaScript in it that a test wants to see contained.
import { join } from 'node:path'

import { writeFiles } from './temporary.js'

/**
 * Writes app.js into a folder, and returns the flags that run it. The app counts: event "1" adds one, and its state is
 * the number as text. Any other event runs the attempt of that name, and its response is `contained`, or what got out.
 */
export function hostileApp(
    folder: string,
    attempts: Readonly<Record<string, string>>,
    more: { readonly atStart?: string; readonly atEvery?: string } = {},
): readonly string[] {
    writeFiles(folder, { 'app.js': script(attempts, more) })
    return ['--app', join(folder, 'app.js'), '--entry', 'Counter', '--allow-script']
}

function script(
    attempts: Readonly<Record<string, string>>,
    { atStart = '', atEvery = '' }: { readonly atStart?: string; readonly atEvery?: string },
): string {
    const functions = Object.entries(attempts).map(
        ([name, code]) => `${JSON.stringify(name)}: function (via, stranger) { ${code} }`,
    )
    return `(function(scope){
function F2(fun) { var w = function(a) { return function(b) { return fun(a,b); }; }; w.a = 2; w.f = fun; return w; }
function A2(fun, a, b) { return fun.a === 2 ? fun.f(a, b) : fun(a)(b); }
function _Platform_export(exports) { }
var own = { Object: Object, Function: Function, Error: Error, String: String, Array: Array };
// What a Function of Node's would make.
function via(F) { return F('return typeof process === "object" ? process : undefined')(); }
// Whether a value comes from outside of this script's realm.
function stranger(value) {
    if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return false;
    var at = value;
    for (var i = 0; i < 20 && at !== null; i++) {
        if (at === own.Object.prototype) return false;
        at = own.Object.getPrototypeOf(at);
    }
    return i === 20 || own.Object.getPrototypeOf(value) !== null;
}
function show(value) {
    if (value && value.env) return 'escaped: ' + value.env.CANARY;
    return stranger(value) ? 'escaped: a stranger' : 'contained';
}
var attempts = { ${functions.join(',\n')} };
function attempt(name) {
    try { return show(attempts[name](via, stranger)); } catch (error) { return show(error); }
}
${atStart}
var $author$project$Counter$initState = 0;
var $author$project$Counter$processSerializedEvent = F2(function (event, state) {
    ${atEvery}
    return event === '1' ? { a: state + 1, b: 'counted' } : { a: state, b: attempt(event) };
});
var $author$project$Counter$serializeState = function (state) { return '' + state; };
var $author$project$Counter$deserializeState = function (text) { return isNaN(+text) ? text : +text; };
_Platform_export({});}(this));`
}
