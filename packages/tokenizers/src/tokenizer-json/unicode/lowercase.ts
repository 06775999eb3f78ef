/** Each letter by itself, as Rust's `char::to_lowercase`: a sigma at the end of a word is no special one. */
export const lowercase = (text: string): string => text.replaceAll('Σ', 'σ').toLowerCase();
