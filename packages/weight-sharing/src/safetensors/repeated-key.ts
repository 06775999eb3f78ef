/** Finds what JSON.parse hides: it lets the last of several equal keys win without a word. */

/** @param json valid JSON @returns the first key that occurs twice in one object, unescaped */
export function repeatedKey(json: string): string | undefined {
  /** Keys seen in each open object; `null` for an open list. */
  const open: (Set<string> | null)[] = [];
  let last = '';
  for (let at = 0; at < json.length; at += 1) {
    const char = json[at];
    if (char === '"') {
      const end = endOfString(json, at);
      last = json.slice(at, end);
      at = end - 1;
    } else if (char === ':') {
      const key = JSON.parse(last) as string;
      const keys = open.at(-1);
      if (keys?.has(key)) return key;
      keys?.add(key);
    } else if (char === '{') open.push(new Set());
    else if (char === '[') open.push(null);
    else if (char === '}' || char === ']') open.pop();
  }
  return undefined;
}

/** @returns the index behind the closing quote of the string that opens at `start` */
function endOfString(json: string, start: number): number {
  let at = start + 1;
  while (json[at] !== '"') at += json[at] === '\\' ? 2 : 1;
  return at + 1;
}
