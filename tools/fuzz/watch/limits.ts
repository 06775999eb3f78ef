/** What one reading costs: time of the processor, and memory that it made the process reach for. */
export interface Cost {
  readonly seconds: number;
  readonly megabytes: number;
}

/** @returns a function that says what was used since */
export function measureCost(): () => Cost {
  const wall = performance.now();
  const cpu = process.cpuUsage();
  const peak = process.resourceUsage().maxRSS;
  return () => {
    const used = process.cpuUsage(cpu);
    return {
      // The smaller of both: other programs must not make a reader look slow, nor threads of the engine.
      seconds: Math.min((performance.now() - wall) / 1000, (used.user + used.system) / 1e6),
      megabytes: (process.resourceUsage().maxRSS - peak) / 1024,
    };
  };
}
