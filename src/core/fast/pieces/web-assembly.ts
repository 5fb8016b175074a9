// The part of WebAssembly that is used here. Node's types leave it to those of the browser.

/** A compiled module. It may be sent to other threads. */
export interface CompiledModule {
    readonly [Symbol.toStringTag]: 'WebAssembly.Module'
}

/** Memory that several threads work on. It may be sent to them. */
export interface SharedMemory {
    readonly buffer: SharedArrayBuffer
}

interface WebAssemblyOfNode {
    validate(bytes: Uint8Array): boolean
    readonly Module: new (bytes: Uint8Array) => CompiledModule
    readonly Instance: new (
        module: CompiledModule,
        imports?: { readonly env: { readonly memory: SharedMemory } },
    ) => { readonly exports: unknown }
    /** Sizes in pages of 64 KiB. */
    readonly Memory: new (sizes: {
        readonly initial: number
        readonly maximum: number
        readonly shared: true
    }) => SharedMemory
}

/** Absent where Node runs without a compiler (--jitless). */
export function webAssembly(): WebAssemblyOfNode | undefined {
    return (globalThis as { readonly WebAssembly?: WebAssemblyOfNode }).WebAssembly
}
