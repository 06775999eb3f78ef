/**
 * Names by pattern, `*` standing for any part of one, dots included. Not by a regular expression: patterns may come from
 * somebody else's run, and one of many stars would keep an expression busy for ever.
 *
 * @returns whether a name is one of those meant
 */
export function namePattern(pattern: string): (name: string) => boolean {
  const [first = '', ...parts] = pattern.split('*');
  const last = parts.pop();
  if (last === undefined) return (name) => name === pattern;
  return (name) => {
    if (!name.startsWith(first)) return false;
    let at = first.length;
    for (const part of parts) {
      // The first place will do: whatever comes after it is then as long as it can be.
      const found = name.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    return name.length - last.length >= at && name.endsWith(last);
  };
}
