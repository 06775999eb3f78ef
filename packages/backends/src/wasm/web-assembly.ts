/** The part of the WebAssembly JavaScript API that is used here; Node's types come without it, the browser's with too much. */
export interface Memory {
  readonly buffer: ArrayBufferLike;
}

interface WebAssemblyApi {
  readonly Memory: new (descriptor: { initial: number }) => Memory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
}

export const webAssembly = (globalThis as unknown as { WebAssembly: WebAssemblyApi }).WebAssembly;
