/** How the trials of a study were measured, said in what it shows. */
import type { FinishedTrial, StudyDocument } from '@ligature/core';
import { withBestStep } from './best-step.js';
import { withMeasured } from './measured.js';

/** On how much of the splits, and with the weights of which step. */
export const withMeasurement = (document: StudyDocument, finished: readonly FinishedTrial[]): StudyDocument =>
  withBestStep(withMeasured(document, finished), finished);
