/** Told what is going on, for people. */
export type Report = (line: string) => void;
