/** Finds many texts at once: of those that start leftmost the longest, as Hugging Face's libraries look for tokens. */

interface Node {
  readonly next: Map<number, Node>;
  id: number;
}

export interface Match {
  readonly start: number;
  readonly end: number;
  readonly id: number;
}

export class TextTrie {
  private readonly root: Node = { next: new Map(), id: -1 };
  /** Units with which a text begins: most of what is searched begins none. */
  private readonly begins = new Uint8Array(0x10000);

  /** The first of two entries with one text counts. */
  add(text: string, id: number): void {
    let node = this.root;
    this.begins[text.charCodeAt(0)] = 1;
    for (let index = 0; index < text.length; index += 1) {
      const unit = text.charCodeAt(index);
      let child = node.next.get(unit);
      if (!child) node.next.set(unit, (child = { next: new Map(), id: -1 }));
      node = child;
    }
    if (node.id < 0) node.id = id;
  }

  /** Matches that do not overlap, from left to right. */
  *matches(text: string): Generator<Match> {
    const first = this.root.next;
    if (first.size === 0) return;
    for (let start = 0; start < text.length;) {
      const unit = text.charCodeAt(start);
      const match = this.begins[unit] === 1 ? longest(first.get(unit) as Node, text, start) : undefined;
      if (match) yield match;
      start = match?.end ?? start + 1;
    }
  }
}

function longest(branch: Node, text: string, start: number): Match | undefined {
  let found: Match | undefined;
  let node: Node | undefined = branch;
  for (let end = start + 1; node; end += 1) {
    if (node.id >= 0) found = { start, end, id: node.id };
    if (end >= text.length) break;
    node = node.next.get(text.charCodeAt(end));
  }
  return found;
}
