// A script of the shape that elm make writes, small enough to read, for tests of what happens after compiling.

/** Events are plain text: "loop", "leak", "chatter", "crash", "throw", "log:<text>", "number", "decode-error", or an Int to add. */
export const standInScript = `(function(scope){
'use strict';

function F(arity, fun, wrapper) { wrapper.a = arity; wrapper.f = fun; return wrapper; }
function F2(fun) { return F(2, fun, function(a) { return function(b) { return fun(a,b); }; }) }
function A2(fun, a, b) { return fun.a === 2 ? fun.f(a, b) : fun(a)(b); }

console.warn('Compiled in DEV mode. Follow the advice at https://elm-lang.org/0.19.1/optimize for better performance.');

var _Debug_log = F2(function(tag, value) { console.log(tag + ': ' + value); return value; });
function _Platform_export(exports) { scope['Elm'] = exports; }
function _Utils_Tuple2(a, b) { return { a: a, b: b }; }
var $author$project$Counter$kept = [];
var $author$project$Counter$dig = function (n) { return 1 + $author$project$Counter$dig(n + 1); };
var $author$project$Counter$initState = 0;
var $author$project$Counter$answer = F2(function (event, state) {
    for (;;) {
        switch (event) {
            case 'loop': break;
            case 'chatter': A2(_Debug_log, 'event', new Array(1000).join('chatter ')); break;
            case 'leak': $author$project$Counter$kept.push(new Array(1000).fill(state + 0.5)); break;
            case 'crash': return _Utils_Tuple2($author$project$Counter$dig(0), '');
            case 'throw': throw new Error('the app had enough');
            case 'number': return _Utils_Tuple2(state, 7);
            case 'decode-error': return _Utils_Tuple2(state, JSON.stringify({ decodeError: 'no' }));
            default:
                if (event.slice(0, 4) === 'log:') return _Utils_Tuple2(state, A2(_Debug_log, 'event', event.slice(4)));
                var sum = state + parseInt(event, 10);
                return _Utils_Tuple2(sum, String(sum));
        }
    }
});
var $author$project$Counter$processSerializedEvent = $author$project$Counter$answer;
var $author$project$Counter$serializeState = function (state) {
    for (; state === 666;) { }
    return String(state);
};
var $author$project$Counter$deserializeState = function (text) {
    for (; text === 'loop';) { }
    var state = parseInt(text, 10);
    return isNaN(state) ? $author$project$Counter$initState : state;
};
var $author$project$Counter$main = null;
_Platform_export({'Counter':{'init':$author$project$Counter$main}});}(this));
`
