/** A process that encodes texts: it makes its tokenizer again from what a saved one says, and answers in the order of questions. */
import { PluginHost, type Tokenizer } from '@ligature/core';
import { plugin } from '@ligature/tokenizers';
import type { EncoderOrder, FromEncoder, ToEncoder } from './pool.js';

const make = ({ name, options, saved }: EncoderOrder): Promise<Tokenizer> =>
  new PluginHost().register(plugin).create('tokenizers', name, options, {
    saved,
    trainingText: () => Promise.reject(new Error('a saved tokenizer learns nothing')),
  });

let tokenizer: Tokenizer | undefined;
const answer = (message: FromEncoder): void => void process.send?.(message);

process.on('message', ({ order, text }: ToEncoder) => {
  if (order) {
    // What fails here ends this process, and whoever asked does the work alone.
    void make(order).then((made) => {
      tokenizer = made;
      answer({ ready: true });
    });
  } else if (tokenizer && text !== undefined) answer({ ids: tokenizer.encode(text) });
});
// It lives as long as who asks: Ctrl-C reaches all processes of a terminal, and is for that one to see to.
process.on('SIGINT', () => undefined);
process.once('disconnect', () => process.exit());
