/** What an audit says: tables, a picture, and a finding that follows from the numbers. Plain data. */
import type { DocumentPoint, FailedTrial, LinesDrawing, RunConfig, Unit } from '@ligature/core';
import type { Setting } from '../presentation/words.js';

export interface AuditColumn {
  /** Heading in CSV. */
  readonly key: string;
  /** Heading for people. */
  readonly heading: string;
  readonly unit: Unit;
}

/** `null`: not measured, or without a meaning here. */
export type AuditCell = string | number | null;

export interface AuditTable {
  /** Part of the name of its CSV file; the first table of an audit has none. */
  readonly key: string;
  readonly title: string;
  readonly columns: readonly AuditColumn[];
  readonly rows: readonly (readonly AuditCell[])[];
  /** Floors, below the rows. */
  readonly footer?: readonly (readonly AuditCell[])[];
  /** Left out of terminals and Markdown: a line per window, say. */
  readonly detail?: boolean;
}

export type AuditPoint = DocumentPoint;

/** A picture where looking is better than reading: one line per series. */
export interface AuditFigure extends Omit<LinesDrawing, 'kind'> {
  readonly title: string;
}

/** Reference points that need no training, and the metrics that they are numbers of. */
export type AuditFloors = Pick<Setting, 'floors'> & Pick<Setting['task'], 'metrics' | 'lossUnit'>;

export interface AuditReport {
  readonly audit: string;
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
  /** What needs no training, where losses stand in the tables. */
  readonly floors?: AuditFloors;
  readonly failed: readonly FailedTrial[];
  /** Trials that have not been run to their end, failures left out. */
  readonly unfinished?: number;
  /** Of the trials; `null` where nothing was trained. */
  readonly config: RunConfig | null;
}
