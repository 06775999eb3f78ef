/** What an audit says: tables, a picture, and a finding that follows from the numbers. Plain data. */
import type { RunConfig } from '@ligature/core';
import type { FailedTrial } from '../results.js';

export const AUDIT_NAMES = ['storages', 'random-ratio', 'rewards', 'gradients', 'memory'] as const;
export type AuditName = (typeof AUDIT_NAMES)[number];

/** How a number is printed for people; CSV and JSON hold it as it is. */
export type AuditUnit =
  | 'text'
  | 'count'
  | 'layers'
  | 'nats'
  | 'share'
  | 'parameters'
  | 'bytes'
  | 'operations'
  | 'rate'
  | 'effect'
  | 'probability';

export interface AuditColumn {
  /** Heading in CSV. */
  readonly key: string;
  /** Heading for people. */
  readonly heading: string;
  readonly unit: AuditUnit;
}

/** `null`: not measured, or without a meaning here. */
export type AuditCell = string | number | null;

export interface AuditTable {
  /** Part of the name of its CSV file; the first table of an audit has none. */
  readonly key: string;
  readonly title: string;
  readonly columns: readonly AuditColumn[];
  readonly rows: readonly (readonly AuditCell[])[];
  /** Left out of terminals and Markdown: a line per window, say. */
  readonly detail?: boolean;
}

export interface AuditPoint {
  readonly x: number;
  readonly y: number;
  /** Ends of an interval around `y`. */
  readonly low?: number;
  readonly high?: number;
}

export interface AuditSeries {
  readonly name: string;
  readonly points: readonly AuditPoint[];
}

/** A picture where looking is better than reading: one line per series. */
export interface AuditFigure {
  readonly title: string;
  readonly xTitle: string;
  readonly yTitle: string;
  readonly series: readonly AuditSeries[];
  /** The y axis begins at zero: for counts and sizes. */
  readonly fromZero?: boolean;
}

export interface AuditReport {
  readonly audit: AuditName;
  readonly title: string;
  readonly question: string;
  /** How it was found out, and on what. */
  readonly method: string;
  readonly tables: readonly AuditTable[];
  readonly figure: AuditFigure;
  /** What the numbers show, in plain words that follow from them. */
  readonly finding: string;
  /** What they do not show. */
  readonly limits: readonly string[];
  readonly failed: readonly FailedTrial[];
  /** Of the trials; `null` where nothing was trained. */
  readonly config: RunConfig | null;
}
