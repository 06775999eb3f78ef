// A process of its own for Hugging Face's native library: where that panics, the process ends, and only it.
import { createRequire } from 'node:module';

const { Tokenizer } = createRequire(import.meta.url)('@anush008/tokenizers');

process.on('message', async ({ json, texts, lists, words }) => {
  try {
    process.send(await answer(Tokenizer.fromString(json), texts, lists, words));
  } catch {
    // Refused.
    process.send({});
  }
});

async function answer(tokenizer, texts, lists, words) {
  const encoded = [];
  if (words) return { words: texts.flatMap((text) => wordsOf(tokenizer, text)) };
  for (const text of texts) {
    try {
      const encoding = await tokenizer.encode(text, null, { addSpecialTokens: false });
      encoded.push(encoding.getIds());
    } catch {
      encoded.push(null);
    }
  }
  const decoded = [];
  for (const ids of lists) {
    try {
      decoded.push(await tokenizer.decode(ids, false));
    } catch {
      decoded.push(null);
    }
  }
  return { encoded, decoded };
}

function wordsOf(tokenizer, text) {
  try {
    const normal = tokenizer.getNormalizer()?.normalizeString(text) ?? text;
    const pre = tokenizer.getPreTokenizer();
    return pre ? pre.preTokenizeString(normal).map(([word]) => word) : [normal];
  } catch {
    return [];
  }
}
