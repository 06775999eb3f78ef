/** Tries the execution providers of onnxruntime for real, each in a process of its own. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { STEP_TOLERANCE } from '@ligature/run';
import type { FromProvider } from './messages.js';

export const PROVIDERS = ['cpu', 'webgpu', 'cuda'] as const;

export interface ProviderReport {
  readonly provider: string;
  readonly works: boolean;
  /** What it runs on, or why it does not work. */
  readonly reason: string;
  /** `null` when it works. */
  readonly todo: string | null;
  /** Of ONNX Runtime; `null` where it did not start. */
  readonly version: string | null;
  /** Largest relative deviation from the cpu backend over a few small training steps; `null`: none were taken. */
  readonly deviation: number | null;
  readonly millisecondsPerStep: number | null;
  /** Its process crashed or hung: whatever loads it may, too. */
  readonly crashed: boolean;
}

export interface ProviderProcess {
  /** Another entry than the real one. */
  readonly entry?: URL;
  readonly execArgv?: readonly string[];
  readonly timeoutMs?: number;
}

const ENTRY = new URL(
  `../provider-process${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`,
  import.meta.url,
);

/** A driver that hangs must not hang the command; a slow machine compiles the step in a few seconds. */
const TIMEOUT_MS = 120_000;

export async function checkProvider(
  provider: string,
  { entry = ENTRY, execArgv = process.execArgv, timeoutMs = TIMEOUT_MS }: ProviderProcess = {},
): Promise<ProviderReport> {
  const child = fork(fileURLToPath(entry), [provider], {
    execArgv: [...execArgv],
    // What a driver prints belongs to nobody.
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  let answer: FromProvider | undefined;
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill('SIGKILL');
  }, timeoutMs);
  const ended = await new Promise<string>((resolve) => {
    child.on('message', (message: FromProvider) => (answer = message));
    child.once('error', (error) => resolve(`could not be started: ${error.message}`));
    child.once('exit', (status, signal) =>
      resolve(`ended ${signal ? `by ${signal}` : `with status ${status}`}`),
    );
  });
  clearTimeout(timer);
  if (answer) return reportOf(provider, answer);
  const reason = late ? `did not answer within ${timeoutMs / 1000} s` : ended;
  return {
    ...failure(provider, `the process that tried it ${reason}`, instead(provider)),
    crashed: true,
  };
}

function reportOf(provider: string, answer: FromProvider): ProviderReport {
  if (answer.kind === 'refused') return failure(provider, answer.reason, answer.todo);
  const { version, detail, deviation, milliseconds } = answer;
  const numbers = { version, deviation, millisecondsPerStep: milliseconds };
  // Negated, so that NaN is wrong, too; between processes it becomes `null`.
  if (deviation === null || !(deviation <= STEP_TOLERANCE)) {
    const found = deviation === null ? 'gives no numbers' : `deviates by ${deviation.toExponential(1)}`;
    const reason = `a training step ${found}; up to ${STEP_TOLERANCE} from the cpu backend is right`;
    return { ...failure(provider, reason, instead(provider)), ...numbers };
  }
  return { provider, works: true, reason: detail, todo: null, crashed: false, ...numbers };
}

const instead = (provider: string): string =>
  provider === 'cpu' ? 'Use `--backend wasm`' : 'Update the driver, or use the provider "cpu"';

function failure(provider: string, reason: string, todo: string): ProviderReport {
  const nothing = { version: null, deviation: null, millisecondsPerStep: null };
  return { provider, works: false, reason, todo, crashed: false, ...nothing };
}
