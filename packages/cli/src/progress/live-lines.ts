/** Progress on a terminal: a line for each run under way, drawn over again in place. */
import type { Io, OutputStream } from '../io.js';
import { shownText } from '../terminal/guard.js';
import { colorLevel, columnsOf, paintFor } from '../terminal/paint.js';
import { evaluationLine } from './evaluation.js';
import { progressLine, shorten, stageLine } from './line.js';
import type { Lines, RunLine } from './lines.js';

/** Redraws per second at most. */
const REDRAW_MS = 80;
/** Rows of a terminal that does not say how many it has. */
const ROWS = 24;

export class LiveLines implements Lines {
  readonly interval = REDRAW_MS;
  /** What each run under way shows now, oldest first; a run that has shown nothing yet has no line. */
  private readonly runs = new Map<object, string>();
  /** Lines on the screen; the cursor is at the last of them. */
  private drawn = 0;
  private readonly stream: OutputStream;

  constructor(private readonly io: Io) {
    this.stream = io.stderr;
  }

  add(): RunLine {
    const run = {};
    let drawnAt = -Infinity;
    const show = (line: string): void => {
      this.runs.set(run, line);
      this.draw();
    };
    return {
      stage: (message, progress) => {
        const columns = columnsOf(this.stream);
        show(
          progress
            ? stageLine(message, progress, columns, this.paint())
            : this.paint().dim(shorten(message, columns - 1)),
        );
      },
      progress: (state) => {
        const now = this.io.now();
        if (now - drawnAt < REDRAW_MS && state.step < state.steps) return;
        drawnAt = now;
        show(progressLine(state, columnsOf(this.stream), this.paint()));
      },
      evaluation: (state) => show(evaluationLine(state, columnsOf(this.stream), this.paint())),
      end: () => {
        if (!this.runs.delete(run)) return;
        const others = this.runs.size > 0;
        this.clear();
        if (others) this.draw();
      },
    };
  }

  note(line: string): void {
    this.clear();
    this.stream.write(`${line}\n`);
    if (this.runs.size > 0) this.draw();
  }

  end(): void {
    this.runs.clear();
    this.clear();
  }

  /** Moves the cursor, too. */
  private screen(text: string): void {
    if (this.stream.raw) this.stream.raw(text);
    else this.stream.write(text);
  }

  private paint(): ReturnType<typeof paintFor> {
    return paintFor(this.stream, this.io.env);
  }

  /** Takes the lines away and gives the cursor back. */
  private clear(): void {
    if (this.drawn === 0) return;
    // Back to the first line and its first column, clear to the end of the screen, show the cursor.
    this.screen(`${this.toTop()}\r${this.drawn > 1 ? '\u001b[J' : '\u001b[K'}\u001b[?25h`);
    this.drawn = 0;
  }

  private draw(): void {
    const lines = this.visible();
    const styled = colorLevel(this.stream, this.io.env) > 0;
    const hide = this.drawn === 0 ? '\u001b[?25l' : '';
    // In one write, so that no line is seen twice.
    this.screen(
      `${hide}${this.toTop()}${lines.map((line) => `\r${shownText(line, styled)}\u001b[K`).join('\n')}`,
    );
    this.drawn = lines.length;
  }

  /** The cursor can only reach lines that are on the screen. */
  private visible(): string[] {
    const lines = [...this.runs.values()];
    const room = Math.max(1, (this.stream.rows ?? ROWS) - 2);
    if (lines.length <= room) return lines;
    return [...lines.slice(0, room - 1), this.paint().dim(`… and ${lines.length - room + 1} more`)];
  }

  private toTop(): string {
    return this.drawn > 1 ? `\u001b[${this.drawn - 1}A` : '';
  }
}
