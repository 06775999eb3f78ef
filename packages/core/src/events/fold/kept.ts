/** A list of which only the newest items are kept, if it is to be bounded. */
export class Kept<T> {
  #items: T[] = [];
  #gone = 0;

  /** @param most items that are kept at least; twice as many at most */
  constructor(private readonly most = Infinity) {}

  get items(): readonly T[] {
    return this.#items;
  }

  get last(): T | undefined {
    return this.#items.at(-1);
  }

  /** Items so far, those that were let go among them. */
  get count(): number {
    return this.#gone + this.#items.length;
  }

  /** Begins with these. @param gone items before them that were let go */
  load(items: readonly T[], gone = 0): void {
    this.#items = [...items];
    this.#gone = gone;
  }

  add(item: T): void {
    this.#items.push(item);
    // By halves, so that a long list is not moved at every item.
    if (this.#items.length <= 2 * this.most) return;
    this.#gone += this.#items.length - this.most;
    this.#items = this.#items.slice(-this.most);
  }

  /** Puts another item in the place of one of the last few. */
  replace(old: T, item: T): void {
    const at = this.#items.lastIndexOf(old);
    if (at >= 0) this.#items[at] = item;
  }

  /** Takes back what came last, up to the newest item that stays. */
  dropWhile(isUndone: (item: T) => boolean): void {
    while (this.#items.length > 0 && isUndone(this.#items[this.#items.length - 1] as T)) this.#items.pop();
  }
}
