/** Says in what a study shows that its trials were measured at their best steps; the same for every study. */
import {
  largest,
  smallest,
  type DocumentBlock,
  type FinishedTrial,
  type StudyDocument,
} from '@ligature/core';
import { isShown, withColumn } from './measured.js';

/** Above the first table in words, and in every CSV file by a column; as it is where last steps were measured. */
export function withBestStep(document: StudyDocument, finished: readonly FinishedTrial[]): StudyDocument {
  const text = noteOn(finished);
  if (text === undefined) return document;
  const note: DocumentBlock = { kind: 'text', text };
  const all = finished.every(({ result }) => result.best);
  const step = all ? 'best validation step' : 'not the same for all trials';
  const first = Math.max(0, document.body.findIndex(isShown));
  const body = document.body.map((block) =>
    block.kind === 'table' && block.file !== undefined ? withColumn(block, 'measured_at', step) : block,
  );
  return { ...document, body: [...body.slice(0, first), note, ...body.slice(first)] };
}

function noteOn(finished: readonly FinishedTrial[]): string | undefined {
  const results = finished.map(({ result }) => result);
  const chosen = results.flatMap(({ best, steps }) => (best ? [{ step: best.step, steps }] : []));
  if (chosen.length === 0) return undefined;
  const trials =
    chosen.length === results.length
      ? 'of each trial'
      : `of ${chosen.length} of ${results.length} trials, of the last one of the others`;
  const steps = chosen.map(({ step }) => step);
  const [least, most] = [smallest(steps), largest(steps)].map((step) => step.toLocaleString('en-US'));
  const ofSteps = [...new Set(chosen.map((one) => one.steps))].map((count) => count.toLocaleString('en-US'));
  const range = least === most ? `step ${least}` : `steps ${least} to ${most}`;
  return (
    `Test, validation, sizes and tie maps are those of the best validation step ${trials} ` +
    `(\`evaluation.final.of\`): ${range} of ${ofSteps.join(' or ')}.`
  );
}
