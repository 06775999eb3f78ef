import { engine } from '@tensorflow/tfjs-core';

/** Tensors that exist now. Unlike `tf.memory()` it needs no backend, which a plug-in without tensors has not. */
export const countTensors = (): number => engine().state.numTensors;

/** How many tensors `run` reads back from the backend. */
export function countingReads(run: () => void): number {
  const machine = engine() as unknown as Record<'read' | 'readSync', (...given: unknown[]) => unknown>;
  let reads = 0;
  const originals = (['read', 'readSync'] as const).map((name) => {
    const original = machine[name];
    // Shadows the method of the class while `run` is at work.
    machine[name] = (...given) => {
      reads += 1;
      return Reflect.apply(original, machine, given);
    };
    return name;
  });
  try {
    run();
  } finally {
    for (const name of originals) Reflect.deleteProperty(machine, name);
  }
  return reads;
}
