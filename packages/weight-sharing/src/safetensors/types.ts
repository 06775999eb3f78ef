/** Element types that are written, and read as they are but for `I8`, which is read as 32 bits. `F16` and `BF16` are read as float32. */
export type StoredType = 'F32' | 'F64' | 'I32' | 'U32' | 'I8' | 'U8';

export type StoredArray = Float32Array | Float64Array | Int32Array | Uint32Array | Int8Array | Uint8Array;

export interface SafetensorsTensor {
  readonly shape: readonly number[];
  /** Row-major. */
  readonly data: StoredArray;
}

/** What a safetensors file holds. Tensor names may be anything, so they are keys of a Map. */
export interface SafetensorsFile {
  readonly tensors: ReadonlyMap<string, SafetensorsTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}
