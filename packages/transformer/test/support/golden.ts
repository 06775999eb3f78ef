/** Reads the reference files made by PyTorch (`gpt2-tiny.json` says which version and what each one holds). */
import { readFileSync } from 'node:fs';

export interface HostTensor {
  readonly shape: number[];
  readonly data: Float32Array;
}

export interface Scenario {
  readonly name: string;
  readonly tie_map: number[];
  readonly gradient: 'sum' | 'owner';
  readonly activation_function: 'gelu' | 'gelu_new';
  readonly trainable_parameters: number;
  readonly steps: { readonly loss: number; readonly grad_norm: number }[];
}

export interface Golden {
  readonly config: {
    readonly n_layer: number;
    readonly n_embd: number;
    readonly n_head: number;
    readonly n_positions: number;
    readonly vocab_size: number;
    readonly layer_norm_epsilon: number;
  };
  readonly batches: number[][][];
  readonly scenarios: Scenario[];
}

export const fixture = (name: string): URL => new URL(`../fixtures/${name}`, import.meta.url);

export function readGolden(): {
  golden: Golden;
  weights: Map<string, HostTensor>;
  expected: Map<string, HostTensor>;
} {
  return {
    golden: JSON.parse(readFileSync(fixture('gpt2-tiny.json'), 'utf8')) as Golden,
    weights: readTensors('gpt2-tiny.safetensors'),
    expected: readTensors('gpt2-tiny.expected.safetensors'),
  };
}

/** float32 tensors, and 64-bit integers as numbers. */
export function readTensors(name: string): Map<string, HostTensor> {
  const bytes = readFileSync(fixture(name));
  const headerLength = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + headerLength)) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  const start = bytes.byteOffset + 8 + headerLength;
  return new Map(
    Object.entries(header)
      .filter(([key]) => key !== '__metadata__')
      .map(
        ([
          key,
          {
            dtype,
            shape,
            data_offsets: [from, to],
          },
        ]) => {
          const raw = bytes.buffer.slice(start + from, start + to);
          const data =
            dtype === 'I64' ? Float32Array.from(new BigInt64Array(raw), Number) : new Float32Array(raw);
          return [key, { shape, data }];
        },
      ),
  );
}
