/** Element types of ONNX (`TensorProto.DataType`) that the backend uses, and what holds them in JavaScript. */
import type { DataType } from '@tensorflow/tfjs-core';

export const ElementType = { float32: 1, int32: 6, int64: 7, bool: 9, float64: 11 } as const;
export type ElementType = (typeof ElementType)[keyof typeof ElementType];

export type Elements = Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array;

/** Names that ONNX Runtime's JavaScript tensors use. */
export const RUNTIME_TYPES: Readonly<
  Record<ElementType, 'float32' | 'float64' | 'int32' | 'int64' | 'bool'>
> = {
  [ElementType.float32]: 'float32',
  [ElementType.int32]: 'int32',
  [ElementType.int64]: 'int64',
  [ElementType.bool]: 'bool',
  [ElementType.float64]: 'float64',
};

/** tfjs's numeric dtypes; strings and complex numbers never reach a graph. */
export type GraphDataType = 'float32' | 'int32' | 'bool';

export function isGraphDataType(dtype: DataType): dtype is GraphDataType {
  return dtype === 'float32' || dtype === 'int32' || dtype === 'bool';
}

export function allocate(type: ElementType, length: number): Elements {
  switch (type) {
    case ElementType.float32:
      return new Float32Array(length);
    case ElementType.int32:
      return new Int32Array(length);
    case ElementType.int64:
      return new BigInt64Array(length);
    case ElementType.bool:
      return new Uint8Array(length);
    case ElementType.float64:
      return new Float64Array(length);
  }
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((size, n) => size * n, 1);
