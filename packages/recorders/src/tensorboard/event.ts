/**
 * TensorBoard's event messages as protocol buffers. Field numbers from tensorboard/compat/proto: event.proto,
 * summary.proto, tensor.proto, tensor_shape.proto and types.proto (Apache-2.0).
 */
import { PbfWriter } from 'pbf';

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** RGB, encoded as PNG. */
  readonly png: Uint8Array;
}

export type Summary = { readonly tag: string } & (
  { readonly scalar: number } | { readonly picture: Picture } | { readonly text: string }
);

export interface EventTime {
  /** Seconds. */
  readonly wallTime: number;
  readonly step: number;
}

/** Colour space of `Summary.Image`: 3 is RGB. */
const RGB = 3;
const DT_STRING = 7;
const DATA_CLASS_TENSOR = 2;

/** The event that every file begins with. */
export function fileVersionEvent(): Uint8Array {
  const event = timed({ wallTime: 0, step: 0 });
  event.writeStringField(3, 'brain.Event:2');
  return event.finish();
}

export function summaryEvent(time: EventTime, summaries: readonly Summary[]): Uint8Array {
  const event = timed(time);
  event.writeMessage(
    5,
    (all, summary) => {
      for (const one of all) summary.writeMessage(1, writeValue, one);
    },
    summaries,
  );
  return event.finish();
}

function timed({ wallTime, step }: EventTime): PbfWriter {
  const event = new PbfWriter();
  // Zeros are not written: they are what a reader takes for a field that is not there.
  if (wallTime !== 0) event.writeDoubleField(1, wallTime);
  if (step !== 0) event.writeVarintField(2, step);
  return event;
}

/** Summary.Value */
function writeValue(summary: Summary, value: PbfWriter): void {
  value.writeStringField(1, summary.tag);
  if ('scalar' in summary) value.writeFloatField(2, summary.scalar);
  else if ('picture' in summary) value.writeMessage(4, writeImage, summary.picture);
  else {
    value.writeMessage(8, writeText, summary.text);
    value.writeMessage(9, writeTextMetadata, undefined);
  }
}

/** Summary.Image */
function writeImage({ height, width, png }: Picture, image: PbfWriter): void {
  image.writeVarintField(1, height);
  image.writeVarintField(2, width);
  image.writeVarintField(3, RGB);
  image.writeBytesField(4, png);
}

/** A TensorProto of one string: what the text plug-in shows, as Markdown. */
function writeText(text: string, tensor: PbfWriter): void {
  tensor.writeVarintField(1, DT_STRING);
  tensor.writeMessage(2, (_, shape) => shape.writeMessage(2, writeLengthOne, undefined), undefined);
  tensor.writeStringField(8, text);
}

/** TensorShapeProto.Dim */
function writeLengthOne(_: undefined, dimension: PbfWriter): void {
  dimension.writeVarintField(1, 1);
}

/** SummaryMetadata of the text plug-in. */
function writeTextMetadata(_: undefined, metadata: PbfWriter): void {
  metadata.writeMessage(1, (name, plugin) => plugin.writeStringField(1, name), 'text');
  metadata.writeVarintField(4, DATA_CLASS_TENSOR);
}
