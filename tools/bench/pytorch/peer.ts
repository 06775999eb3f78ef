/** PyTorch as a peer: finds a python3 that has torch and lets it take the same training steps. */
import { fileURLToPath } from 'node:url';
import type { Objective } from '@ligature/core';
import type { StepMeasurement, StepRequest } from '../measures/step.js';
import { objectiveOf, stepFlops } from '../measures/training.js';
import { findPython, runPython } from '../python.js';
import { LEARNING_RATE, OPTIMIZER } from '../workloads.js';

const SCRIPT = fileURLToPath(new URL('./train_step.py', import.meta.url));

/** Kernels for AVX-512, which OpenBLAS does not choose by itself on every processor that has it. */
const SKYLAKEX = { OPENBLAS_CORETYPE: 'SkylakeX' };

export const PYTORCH_PEERS: Readonly<Record<string, NodeJS.ProcessEnv>> = {
  pytorch: {},
  'pytorch-skylakex': SKYLAKEX,
};

/** @throws InputError when no python3 has torch */
export const findPytorch = (candidates?: readonly string[]): string =>
  findPython(
    {
      module: 'torch',
      asked: 'Measure PyTorch, too',
      todo: 'Install it (`pip install torch`, or python3-torch on Debian), or leave --pytorch out',
    },
    candidates,
  );

interface PeerRequest extends StepRequest {
  readonly learningRate: number;
  readonly optimizer: typeof OPTIMIZER;
}

interface PeerResult {
  readonly secondsPerStep: number;
  readonly parameters: number;
  readonly peakResidentBytes: number;
  readonly matmulGflops: number;
  readonly version: string;
  readonly blas: string;
}

export interface PytorchMeasurement extends StepMeasurement {
  readonly version: string;
  /** The library that does its products; a reference BLAS is some fifty times as slow as OpenBLAS. */
  readonly blas: string;
}

/** @throws Error when the script fails, or trains a model of another size */
export async function measurePytorch(
  python: string,
  request: StepRequest & { readonly threads: number },
): Promise<PytorchMeasurement> {
  const { backend, workload } = request;
  const { matmulGflops, parameters, peakResidentBytes, secondsPerStep, version, blas } = await run(python, {
    ...request,
    learningRate: LEARNING_RATE,
    optimizer: OPTIMIZER,
  });
  const objective = objectiveOf(workload);
  const ours = parametersOf(objective);
  if (parameters !== ours) {
    throw new Error(`PyTorch trained ${parameters} parameters, not ${ours}: no comparison`);
  }
  const gflops = stepFlops(workload, objective) / secondsPerStep / 1e9;
  return {
    backend,
    version,
    blas,
    secondsPerStep,
    tokensPerSecond: (workload.batch * workload.context) / secondsPerStep,
    gflops,
    peakResidentBytes,
    matmulGflops,
    shareOfMatmul: gflops / matmulGflops,
    javascriptShare: null,
  };
}

function parametersOf({ parameters, layers }: Objective): number {
  const size = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);
  return parameters.reduce(
    (sum, { shape, sharing }) => sum + size(shape) * (sharing === 'global' ? 1 : layers),
    0,
  );
}

function run(python: string, request: PeerRequest): Promise<PeerResult> {
  const { OPENBLAS_CORETYPE: _own, ...env } = process.env; // each peer says which kernels it means
  return runPython(python, SCRIPT, request, { ...env, ...PYTORCH_PEERS[request.backend] });
}
