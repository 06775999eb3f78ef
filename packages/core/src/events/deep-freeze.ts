/**
 * Freezes plain data all the way down, and gives it back. What is frozen already is looked into all the same: its
 * inside may not be. Not for typed arrays, which cannot be frozen, nor for data that contains itself.
 */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.freeze(value);
    for (const one of Object.values(value)) if (typeof one === 'object') deepFreeze(one);
  }
  return value;
}
