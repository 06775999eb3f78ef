/** What a tfjs DataId stands for on this backend. */
import type { DataType } from '@tensorflow/tfjs-core';
import type { Value } from './value.js';

/** Numbers that graphs work on. */
export interface GraphData {
  readonly kind: 'graph';
  readonly dtype: DataType;
  refCount: number;
  readonly value: Value;
}

/** Strings, which no graph takes: UTF-8 bytes of each. */
export interface StringData {
  readonly kind: 'string';
  readonly dtype: 'string';
  refCount: number;
  readonly values: Uint8Array[];
}

/** Complex numbers, as two float32 tensors of which this entry holds a reference each. */
export interface ComplexData {
  readonly kind: 'complex';
  readonly dtype: 'complex64';
  refCount: number;
  readonly real: object;
  readonly imag: object;
}

export type DataEntry = GraphData | StringData | ComplexData;
