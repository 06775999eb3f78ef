/** JSON files and values that were valid before some edits. */
import * as fc from 'fast-check';
import { damaged, strangers, toBytes } from './bytes.js';
import { applyEdit, hostile, toJsonText, toTree, toValue, treeEdit, type Tree } from './trees.js';

function edited(valid: readonly unknown[], most: number): fc.Arbitrary<Tree> {
  return fc.tuple(fc.nat(valid.length - 1), fc.array(treeEdit, { maxLength: most })).map(([index, edits]) => {
    const tree = toTree(valid[index]);
    for (const one of edits) applyEdit(tree, one);
    return tree;
  });
}

/** A file: mostly JSON with edits, sometimes JSON with damaged bytes, sometimes something else. */
export function jsonFile(valid: readonly unknown[]): fc.Arbitrary<Uint8Array> {
  const text = edited(valid, 3).map((tree) => toBytes(toJsonText(tree)));
  return fc.oneof(
    { weight: 12, arbitrary: text },
    { weight: 4, arbitrary: damaged(fc.constantFrom(...valid.map((one) => toBytes(JSON.stringify(one))))) },
    { weight: 1, arbitrary: hostile.map((value) => toBytes(toJsonText(toTree(value)))) },
    { weight: 1, arbitrary: strangers },
  );
}

/** A value as a reader gets it from JSON.parse, or with the typed arrays of a snapshot. */
export function jsonValue(valid: readonly unknown[]): fc.Arbitrary<unknown> {
  return fc.oneof(
    { weight: 9, arbitrary: edited(valid, 3).map(toValue) },
    { weight: 1, arbitrary: hostile.map((value) => toValue(toTree(value))) },
  );
}
