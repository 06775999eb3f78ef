/** A turn of the event loop: progress bars draw and signals arrive. */
export function breathe(): Promise<void> {
  return new Promise((resolve) => {
    // Browsers have no setImmediate; their shortest timer is 4 ms when nested.
    if (typeof setImmediate === 'function') setImmediate(resolve);
    else setTimeout(resolve, 0);
  });
}
