// The part of WebAssembly that is used here. Node's types leave it to those of the browser.

/** A compiled module. It may be sent to other threads. */
export interface CompiledModule {
    readonly [Symbol.toStringTag]: 'WebAssembly.Module'
}

interface WebAssemblyOfNode {
    validate(bytes: Uint8Array): boolean
    readonly Module: new (bytes: Uint8Array) => CompiledModule
    readonly Instance: new (module: CompiledModule) => { readonly exports: unknown }
}

/** Absent where Node runs without a compiler (--jitless). */
export function webAssembly(): WebAssemblyOfNode | undefined {
    return (globalThis as { readonly WebAssembly?: WebAssemblyOfNode }).WebAssembly
}
