/** Finds out whether a file has changed what every object inherits, or what one of its objects inherits. */
const SHARED: readonly object[] = [
  Object.prototype,
  Array.prototype,
  Function.prototype,
  String.prototype,
  Number.prototype,
  Map.prototype,
];
/** Generators put this key wherever they put a prototype. */
export const MARK = 'polluted';

const count = (): number => SHARED.reduce((sum, one) => sum + Reflect.ownKeys(one).length, 0);
const initial = count();

export const sharedPrototypesAreClean = (): boolean => count() === initial && !(MARK in {});

/** Visits at most so many objects of what was read. */
const MOST = 5_000;

/** Whether an object in `value` inherits the mark: a key `__proto__` has become its prototype. */
export function inheritsMark(value: unknown): boolean {
  const seen = new Set<object>();
  const waiting: unknown[] = [value];
  while (waiting.length > 0 && seen.size < MOST) {
    const one = waiting.pop();
    if (typeof one !== 'object' || one === null || ArrayBuffer.isView(one) || seen.has(one)) continue;
    seen.add(one);
    if (MARK in one && !Object.hasOwn(one, MARK)) return true;
    const children = one instanceof Map ? one.values() : Object.values(one);
    let taken = 0;
    for (const child of children) {
      if ((taken += 1) > MOST) break;
      waiting.push(child);
    }
  }
  return false;
}
