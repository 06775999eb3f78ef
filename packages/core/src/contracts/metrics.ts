/** A number by which a run is judged, as data: whoever shows, ranks or rewards it needs no more than this. */
export interface MetricSpec {
  /** As in results and objectives: `nats`, `accuracy`. */
  readonly name: string;
  /** Behind the number, for people: `nats`, `bits/byte`, `%` of a share; empty for a bare number. */
  readonly unit: string;
  /** Which of two values is the better one. Signs of rewards and rankings follow from it, and from nothing else. */
  readonly better: 'lower' | 'higher';
  /** In tables and charts; left out: the name. */
  readonly label?: string;
}
