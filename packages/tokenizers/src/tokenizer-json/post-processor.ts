/**
 * The post-processor of a file: what it puts around a text is not put there here. It is looked at only for whether
 * the text itself stays what it is.
 */
import { z } from 'zod';
import { check } from './component.js';
import { fieldOf, unsupported } from './refuse.js';

const templateSchema = z.looseObject({ single: z.array(z.looseObject({})) });
const sequenceSchema = z.looseObject({ processors: z.array(z.looseObject({ type: z.string() })) });

/** @throws InputError that names the field */
export function checkPostProcessor(part: { readonly type: string }, field: string): void {
  switch (part.type) {
    case 'ByteLevel':
    case 'BertProcessing':
    case 'RobertaProcessing':
      return;
    case 'Sequence': {
      const list = fieldOf(field, 'processors');
      check(sequenceSchema, part, field).processors.forEach((one, index) =>
        checkPostProcessor(one, fieldOf(list, index)),
      );
      return;
    }
    case 'TemplateProcessing': {
      const texts = check(templateSchema, part, field).single.flatMap((piece) => piece['Sequence'] ?? []);
      const once = texts.length === 1 && (texts[0] as { id?: unknown }).id === 'A';
      if (!once) unsupported(fieldOf(field, 'single'), 'a text has to stand in it once', texts);
      return;
    }
    default:
      unsupported(
        fieldOf(field, 'type'),
        'there are ByteLevel, BertProcessing, RobertaProcessing, TemplateProcessing, Sequence',
        part.type,
      );
  }
}
