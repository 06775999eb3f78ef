/** Where one graph may end and the next begin: put between equal parts of a model, so that they share one graph. */
import { kernel } from '../kernels/lowering.js';

export const boundaryKernels = [
  kernel('GraphBoundary', (l, { x }) => {
    l.backend.recorder.cut();
    l.backend.incRef(x.dataId);
    return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
  }),
];
