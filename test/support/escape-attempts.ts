// Ways out of an app's context, each a function's body that returns what it got hold of, or throws it. `via` asks a
// Function for Node's process; `stranger` knows what is of another realm.

/** Leave the script as it was, so that all can be tried one after the other. */
export const escapeAttempts: Readonly<Record<string, string>> = {
    'the names of Node': `return typeof process === 'object' ? process : typeof require === 'function' ? require : module`,
    'the global object': `return globalThis.process || globalThis.global || globalThis.require`,
    "the constructor's constructor of this": `return via(this.constructor.constructor)`,
    'the constructor of a function it was given': `return via(console.log.constructor)`,
    'the constructor of what publishes': `return via(complogPublish.constructor)`,
    'the constructor of an intrinsic': `return via(Array.constructor)`,
    eval: `return eval('process')`,
    'indirect eval': `return (0, eval)('process')`,
    'the Function of async functions': `return via((async function () {}).constructor)`,
    'the Function of generators': `return via((function* () {}).constructor)`,
    'the Function of async generators': `return via((async function* () {}).constructor)`,
    'a bound Function': `return via(Function.bind(null))`,
    'Reflect.construct': `return Reflect.construct(Function, ['return process'])()`,
    "its caller's caller": `
        var f = arguments.callee;
        for (var i = 0; i < 50 && f; i++) { if (stranger(f)) return f; f = f.caller; }`,
    'the arguments of its callers': `
        var f = arguments.callee;
        for (var i = 0; i < 50 && f; i++) {
            for (var j = 0; f.arguments && j < f.arguments.length; j++)
                if (stranger(f.arguments[j])) return f.arguments[j];
            f = f.caller;
        }`,
    'the frames of a stack': `
        var sites = [];
        Error.prepareStackTrace = function (error, trace) { sites = trace; return ''; };
        Error.stackTraceLimit = 50;
        new Error('x').stack;
        delete Error.prepareStackTrace;
        for (var i = 0; i < sites.length; i++) {
            if (stranger(sites[i])) return sites[i];
            if (stranger(sites[i].getThis())) return sites[i].getThis();
            if (stranger(sites[i].getFunction())) return sites[i].getFunction();
        }`,
    'an error of Node where the stack ends, by a stack': endOfStack(`new Error('x').stack`),
    'an error of Node where the stack ends, by the log': endOfStack(`console.log('x')`),
    'an error of Node where the stack ends, by the global object': endOfStack(
        `Object.defineProperty(globalThis, 'q', { value: 1, configurable: true }); delete globalThis.q`,
    ),
    'an error of Node where the stack ends, by a promise': endOfStack(`Promise.resolve(1).then(stranger)`),
    'an error of eval': `try { eval('1'); } catch (error) { if (stranger(error)) return error; }`,
    'an error of the global object': `
        try { Object.defineProperty(globalThis, 'undefined', { value: 1 }); }
        catch (error) { if (stranger(error)) return error; }`,
    'a descriptor of the global object': `
        globalThis.q = 1;
        var d = Object.getOwnPropertyDescriptor(globalThis, 'q');
        delete globalThis.q;
        return stranger(d) ? d : undefined`,
    'the receiver of a getter on the global object': `
        Object.defineProperty(globalThis, 'q', { get: function () { return this; }, configurable: true });
        var me = globalThis.q;
        delete globalThis.q;
        return me && me.constructor && via(me.constructor.constructor)`,
    'a setter that Node would use': `
        var got;
        ['process', 'require', 'exports', 'domain'].forEach(function (name) {
            Object.defineProperty(Object.prototype, name, {
                set: function (value) { got = got || value; }, get: function () {}, configurable: true
            });
        });
        Promise.reject(1);
        ['process', 'require', 'exports', 'domain'].forEach(function (name) { delete Object.prototype[name]; });
        return got`,
    'the reason of a promise that nobody handles': `
        Promise.reject({
            stack: '', message: '',
            [Symbol.for('nodejs.util.inspect.custom')]: function (depth, options, inspect) {
                for (;;) if (stranger(inspect)) throw inspect;
            }
        })`,
    'a promise that is rejected with a proxy': `
        Promise.reject(new Proxy(function () {}, { get: function (t, key, me) { for (;;) {} } }))`,
    WebAssembly: `return WebAssembly`,
    'shared memory': `return new SharedArrayBuffer(8)`,
    'waiting for ever on shared memory': `Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)`,
    'the collector of garbage': `new FinalizationRegistry(function () {}).register({}, 1)`,
    timers: `setTimeout('1', 0)`,
    microtasks: `queueMicrotask(function () { for (;;) {} })`,
    'a clone': `return structuredClone({})`,
    'endless async work': `(async function () { for (;;) await 0; })()`,
    'endless promises': `(function again() { Promise.resolve().then(again); })()`,
    'work after its answer': `
        Promise.resolve().then(function () { attempts['the names of Node'] = function () { return { env: { CANARY: 'late' } } } })`,
    'the end of the process': `process.exit(0)`,
    'the log of Node': `globalThis.console.log('x')`,
    'another realm': `return new ShadowRealm()`,
}

function endOfStack(code: string): string {
    return `
        var found;
        (function dig() {
            try { dig(); } catch (error) { if (stranger(error)) found = error; }
            try { ${code} } catch (error) { if (stranger(error)) found = error; }
        })();
        return found`
}

/** Need a script of their own: it is refused for them, or changed by them. */
export const importAttempts: readonly string[] = [
    `import('node:fs')`,
    `import('node:fs').catch(function (error) { return via(error.constructor.constructor); })`,
    `import /* */ ('x')`,
    `import.meta`,
]
