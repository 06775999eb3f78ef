/** All parts of a `tokenizer.json` put together: added tokens, normalizer, pre-tokenizer, model and decoder. */
import type { Json, Tokenizer } from '@ligature/core';
import { IdBuffer } from '../id-buffer.js';
import { unknownId, wellFormed } from '../utf8.js';
import type { AddedTokens } from './added-tokens.js';
import type { Decoder } from './decoders/index.js';
import type { Model } from './models/model.js';
import type { Normalizer, PreTokenizer } from './section.js';

export interface Parts {
  readonly added: AddedTokens;
  readonly normalizer: Normalizer | undefined;
  readonly preTokenizer: PreTokenizer | undefined;
  readonly model: Model;
  readonly decoder: Decoder | undefined;
  /** Texts of the tokens by id, added ones included. */
  readonly tokens: ReadonlyMap<number, string>;
}

export interface Identity {
  readonly name: string;
  readonly vocabularySize: number;
  readonly bosId?: number;
  readonly eosId?: number;
  readonly maskId?: number;
  readonly toJSON: () => Json;
}

export function createPipeline(parts: Parts, identity: Identity): Tokenizer {
  const { added, normalizer, preTokenizer, model, decoder, tokens } = parts;
  return {
    ...identity,
    encode(text) {
      // English text has about four characters to a token.
      const ids = new IdBuffer(text.length >> 2);
      const encodePiece = (piece: { text: string }): void => model.encode(piece.text, ids);
      added.split(
        // What has no UTF-8 comes to Hugging Face's library as U+FFFD.
        wellFormed(text),
        normalizer,
        (section) => (preTokenizer ? preTokenizer(section, encodePiece) : encodePiece(section)),
        (id) => ids.push(id),
      );
      return ids.toArray();
    },
    decode(ids) {
      if (ids.length === 0) return '';
      const texts = Array.from(ids, (id) => tokens.get(id) ?? unknownId(identity.name, id));
      return decoder ? decoder(texts).join('') : texts.join(' ');
    },
  };
}
