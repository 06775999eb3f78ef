/** What is in a folder of runs, live, on a page of this machine. */
export {};
