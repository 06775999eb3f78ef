/**
 * Images between tfjs's layout, channels last, and ONNX's, channels first. ONNX Runtime cancels the transpositions of
 * neighbours out.
 */
import type { Input, Lowering } from './lowering.js';

/** [n, h, w, c] -> [n, c, h, w] */
export const channelsFirst = (l: Lowering, x: Input): Input => l.transpose(x, [0, 3, 1, 2]);

/** [n, c, h, w] -> [n, h, w, c] */
export const channelsLast = (l: Lowering, x: Input): Input => l.transpose(x, [0, 2, 3, 1]);

/** What tfjs computes about a window that slides over an image. */
export interface Window {
  readonly inHeight: number;
  readonly inWidth: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly filterHeight: number;
  readonly filterWidth: number;
  readonly effectiveFilterHeight: number;
  readonly effectiveFilterWidth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly dilationHeight: number;
  readonly dilationWidth: number;
  readonly padInfo: { readonly top: number; readonly left: number };
}

/**
 * Rows and columns that the windows need beyond the image, [bottom, right]: the output then has tfjs's size whatever
 * way tfjs rounded it. Negative: rows and columns that no window reaches.
 */
export function reach(window: Window): [number, number] {
  const { inHeight, outHeight, effectiveFilterHeight, strideHeight, padInfo } = window;
  const { inWidth, outWidth, effectiveFilterWidth, strideWidth } = window;
  return [
    (outHeight - 1) * strideHeight + effectiveFilterHeight - inHeight - padInfo.top,
    (outWidth - 1) * strideWidth + effectiveFilterWidth - inWidth - padInfo.left,
  ];
}

/**
 * Whether the windows cover what tfjs says. With a number as padding it computes the width from the filter's height and
 * the vertical stride, so that whole windows may be missing; the CPU kernel does those.
 */
export function isRegular(window: Window): boolean {
  const [bottom, right] = reach(window);
  const { outHeight, outWidth, strideHeight, strideWidth } = window;
  return outHeight > 0 && outWidth > 0 && bottom > -strideHeight && right > -strideWidth;
}

/** ONNX's attribute: top, left, bottom, right. */
export function padsOf(window: Window): number[] {
  const [bottom, right] = reach(window);
  return [window.padInfo.top, window.padInfo.left, Math.max(0, bottom), Math.max(0, right)];
}

export const stridesOf = ({ strideHeight, strideWidth }: Window): number[] => [strideHeight, strideWidth];
export const dilationsOf = ({ dilationHeight, dilationWidth }: Window): number[] => [
  dilationHeight,
  dilationWidth,
];
export const filterOf = ({ filterHeight, filterWidth }: Window): number[] => [filterHeight, filterWidth];
