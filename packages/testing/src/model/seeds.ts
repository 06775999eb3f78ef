/** Seeds for dropout masks, all different, from a number on. */
export function seedsFrom(start: number): () => number {
  let next = start;
  return () => (next += 1);
}
