/** How far computed numbers are from reference numbers, and whether that is within tolerance. */

export interface Tolerance {
  readonly absolute: number;
  readonly relative: number;
}

export const EXACT: Tolerance = { absolute: 0, relative: 0 };

export interface Finding {
  readonly quantity: string;
  /** Largest |computed - reference|; NaN when something is missing or has another size. */
  readonly deviation: number;
  /** The same in units of what is allowed there: above 1 fails. */
  readonly excess: number;
  /** Where the largest excess is, for the report of a failure. */
  readonly where: string;
}

/** Collects deviations by quantity and keeps the worst of each. */
export class Deviations {
  private readonly findings = new Map<string, Finding>();

  add(
    quantity: string,
    where: string,
    computed: ArrayLike<number>,
    reference: ArrayLike<number>,
    { absolute, relative }: Tolerance,
  ): void {
    let deviation = computed.length === reference.length ? 0 : Number.NaN;
    let excess = computed.length === reference.length ? 0 : Infinity;
    for (let i = 0; i < reference.length; i += 1) {
      const [a, b] = [Number(computed[i]), Number(reference[i])];
      const difference = Math.abs(a - b);
      const allowed = absolute + relative * Math.abs(b);
      // Not `>`: a NaN must count as the worst there is.
      if (!(difference <= deviation)) deviation = difference;
      const share = allowed > 0 ? difference / allowed : difference === 0 ? 0 : Infinity;
      if (!(share <= excess)) excess = Number.isNaN(share) ? Infinity : share;
    }
    const known = this.findings.get(quantity);
    if (!known || !(excess <= known.excess)) {
      this.findings.set(quantity, {
        quantity,
        deviation: Math.max(deviation, known?.deviation ?? 0),
        excess,
        where,
      });
    } else if (deviation > known.deviation) {
      this.findings.set(quantity, { ...known, deviation });
    }
  }

  get ok(): boolean {
    return this.findings.size > 0 && [...this.findings.values()].every(({ excess }) => excess <= 1);
  }

  get all(): readonly Finding[] {
    return [...this.findings.values()];
  }
}

/** One line: `name  logits 1.2e-6  gradients 3.0e-6  losses 4.8e-7  ok`; failures say where and by how much. */
export function reportLine(name: string, deviations: Deviations): string {
  const worst = [...deviations.all].sort((a, b) => b.excess - a.excess)[0];
  const parts = deviations.all
    .map(({ quantity, deviation }) => `${quantity} ${format(deviation)}`)
    .join('  ');
  const largest = Math.max(...deviations.all.map(({ deviation }) => deviation));
  const verdict = deviations.ok
    ? 'ok'
    : worst
      ? `FAIL (${worst.quantity} at ${worst.where}: ${worst.excess.toPrecision(3)} times the tolerance)`
      : 'FAIL (nothing was compared)';
  return `${name.padEnd(38)} largest deviation ${format(largest)}  [${parts}]  ${verdict}`;
}

const format = (value: number): string => (value === 0 ? '0' : value.toExponential(1));
