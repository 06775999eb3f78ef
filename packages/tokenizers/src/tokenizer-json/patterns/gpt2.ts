/**
 * The pattern of GPT-2's pre-tokenization (Radford et al. 2019, `encoder.py`), with white space, letters and numbers
 * as Hugging Face's library knows them. Every character belongs to a match.
 */
import { readPattern } from './read.js';
import { swiftPattern } from './swift.js';

const SOURCE = String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`;

export const GPT2_PATTERN = swiftPattern(readPattern(SOURCE)) as RegExp;
