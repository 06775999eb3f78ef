/** What a run leaves behind: plain data, the content of `result.json`. */
export type { DiagnosticNote, LossPoint, MemoryPeak, TieMapChange, TrialResult } from '@ligature/core';
