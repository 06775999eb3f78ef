/** `Nmt`: controls are removed, and other kinds of space become spaces. */
const REMOVED = /[\u0001-\u0008\u000b\u000e-\u001f\u007f\u008f\u009f]/g;
const SPACES = /[\t\n\f\r\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd]/g;

export const nmt = (text: string): string => text.replaceAll(REMOVED, '').replaceAll(SPACES, ' ');
