/** See register.mjs. */
import { appendFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export async function resolve(specifier, context, next) {
  const found = await next(specifier, context);
  if (found.url.startsWith('file:'))
    appendFileSync(process.env.LIGATURE_TRACE, `${fileURLToPath(found.url)}\n`);
  return found;
}
