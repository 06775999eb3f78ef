/** What can be measured in a process of its own; the code of a measurement is loaded in that process only. */
import type { Report } from '../measures/report.js';

const TASKS = {
  step: async () => (await import('../measures/step.js')).measureStep,
  matmul: async () => (await import('../measures/matmul.js')).measureMatmul,
  profile: async () => (await import('../measures/profile.js')).measureProfile,
  switching: async () => (await import('../measures/switching.js')).measureSwitching,
  generate: async () => (await import('../measures/generate.js')).measureGenerate,
  encode: async () => (await import('../measures/encode.js')).measureEncode,
  memory: async () => (await import('../measures/memory.js')).measureMemory,
};

type Tasks = { readonly [T in keyof typeof TASKS]: Awaited<ReturnType<(typeof TASKS)[T]>> };

export type TaskName = keyof Tasks;
export type Request<T extends TaskName = TaskName> = Parameters<Tasks[T]>[0];
export type Measurement<T extends TaskName> = Awaited<ReturnType<Tasks[T]>>;

export interface Order {
  readonly task: TaskName;
  readonly request: Request;
}

export async function perform({ task, request }: Order, report: Report): Promise<unknown> {
  const measure = (await TASKS[task]()) as (request: Request, report: Report) => Promise<unknown>;
  return measure(request, report);
}
