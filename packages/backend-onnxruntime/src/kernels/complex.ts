/** Complex tensors are pairs of float32 tensors; what computes with them runs on tfjs's CPU kernels. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { kernel } from './lowering.js';
import type { Lowering } from './lowering.js';

function part(l: Lowering, input: TensorInfo, name: 'real' | 'imag'): TensorInfo | null {
  const entry = l.backend.entry(input.dataId);
  if (entry.kind !== 'complex') return null;
  const { value } = l.backend.graphData({ dataId: entry[name], shape: input.shape, dtype: 'float32' });
  return l.backend.makeTensorInfo(value, input.shape, 'float32');
}

const anyInput = { anyInput: true };

export const complexKernels = [
  kernel<{ real: TensorInfo; imag: TensorInfo }>(
    'Complex',
    (l, { real, imag }) => l.backend.makeComplexInfo(real, imag),
    anyInput,
  ),
  kernel<{ input: TensorInfo }>('Real', (l, { input }) => part(l, input, 'real'), anyInput),
  kernel<{ input: TensorInfo }>('Imag', (l, { input }) => part(l, input, 'imag'), anyInput),
];
