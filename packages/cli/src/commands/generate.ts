/** `ligature generate RUN`: writes text with a run's model, token by token as it is drawn. */
import { visible } from '@ligature/core';
import { generateText, openRun, unknownWords } from '@ligature/run';
import { z } from 'zod';
import { createHost } from '../builtins.js';
import { cacheFolder } from '../io.js';
import { createProgressView } from '../progress/view.js';
import { findRun } from '../folders/folder.js';
import { interruptible } from '../system/interrupt.js';
import { writeModelText } from '../terminal/model-text.js';
import { paintFor } from '../terminal/paint.js';
import type { Context } from './context.js';
import { BACKEND_FLAGS, backendOverride, checkFlags, pluginNames } from './run-options.js';

const schema = z.object({
  prompt: z.string().default(''),
  tokens: z.int().min(0).max(1_000_000).default(100),
  temperature: z.number().min(0).max(100).default(0.8),
  topK: z.int().min(0).default(0),
  topP: z.number().gt(0).max(1).default(1),
  seed: z.int().min(0).default(1),
  ...BACKEND_FLAGS,
});

const NUMBERS = ['tokens', 'temperature', 'topK', 'topP', 'seed', 'threads'];

export async function generate(
  name: string,
  flags: Record<string, unknown>,
  context: Context,
): Promise<number> {
  const { io, json, quiet } = context;
  const checked = checkFlags(schema, flags, NUMBERS);
  const { prompt, tokens, temperature, topK, topP, seed } = checked;
  const folder = findRun(name, io);
  const view = createProgressView(io, { quiet: quiet || json, plain: json });
  const line = view.begin('');
  const interrupt = interruptible(io, view);
  try {
    const run = await openRun(
      folder,
      {
        host: createHost(),
        cwd: io.cwd,
        cacheFolder: cacheFolder(io),
        now: io.now,
        listen: (bus) => bus.events$.subscribe((event) => line.event(event)),
        plugins: pluginNames(flags),
      },
      backendOverride(checked),
    );
    try {
      view.end();
      const unknown = unknownWords(run, prompt);
      if (unknown.length > 0 && !quiet)
        view.note(visible(`note: the tokenizer reads ${listed(unknown)} as <unk>`));
      if (!json) writeModelText(prompt, io.stdout, paintFor(io.stdout, io.env).bold);
      let text = '';
      for await (const piece of generateText(run, {
        prompt,
        maxTokens: tokens,
        temperature,
        topK,
        topP,
        seed,
      })) {
        text += piece;
        if (!json) writeModelText(piece, io.stdout);
        // Lets Ctrl-C and the terminal have a turn between tokens.
        await new Promise((resolve) => setImmediate(resolve));
        // A reader that has seen enough (`generate … | head -1`) is no error.
        if (interrupt.signal.aborted || io.stdout.closed === true) break;
      }
      if (json) {
        const settings = { tokens, temperature, topK, topP, seed };
        io.stdout.write(`${JSON.stringify({ run: name, prompt, text, ...settings }, null, 2)}\n`);
      } else io.stdout.write('\n');
    } finally {
      run.dispose();
    }
    return interrupt.status();
  } finally {
    view.end();
    interrupt.dispose();
  }
}

/** The first words of a list, in quotes. */
function listed(words: readonly string[]): string {
  const shown = words.slice(0, 5).map((word) => JSON.stringify(word));
  const more = words.length - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${more} more words` : shown.join(', ');
}
