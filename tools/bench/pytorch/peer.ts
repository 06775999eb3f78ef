/** PyTorch as a peer: finds a python3 that has torch and lets it take the same training steps. */
import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { InputError, type Objective } from '@ligature/core';
import type { StepMeasurement, StepRequest } from '../measures/step.js';
import { objectiveOf, stepFlops } from '../measures/training.js';
import { LEARNING_RATE, OPTIMIZER } from '../workloads.js';

const CANDIDATES = ['python3', '/usr/bin/python3'];
const SCRIPT = fileURLToPath(new URL('./train_step.py', import.meta.url));

/** Kernels for AVX-512, which OpenBLAS does not choose by itself on every processor that has it. */
const SKYLAKEX = { OPENBLAS_CORETYPE: 'SkylakeX' };

export const PYTORCH_PEERS: Readonly<Record<string, NodeJS.ProcessEnv>> = {
  pytorch: {},
  'pytorch-skylakex': SKYLAKEX,
};

/** @throws InputError when no python3 has torch */
export function findPython(candidates: readonly string[] = CANDIDATES): string {
  const found = candidates.map((python) => {
    const asked = spawnSync(python, ['-c', 'import torch; print(torch.__version__)'], { encoding: 'utf8' });
    if (asked.status === 0) return { python, reason: null };
    return {
      python,
      reason: asked.error?.message ?? (asked.stderr.trim().split('\n').at(-1) || 'it failed'),
    };
  });
  const works = found.find(({ reason }) => reason === null);
  if (works) return works.python;
  throw new InputError('pytorch-missing', {
    asked: 'Measure PyTorch, too',
    found: `no python3 with torch: ${found.map(({ python, reason }) => `${python}: ${reason}`).join('; ')}`,
    todo: 'Install it (`pip install torch`, or python3-torch on Debian), or leave --pytorch out',
  });
}

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
  const child = spawn(python, [SCRIPT], {
    env: { ...env, ...PYTORCH_PEERS[request.backend] },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stdin.end(JSON.stringify(request));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve(JSON.parse(output) as PeerResult);
      else reject(new Error(`${python} with ${SCRIPT} ended with ${signal ?? `status ${code}`}`));
    });
  });
}
