"""The text of `npm run bench -- encode` to ids by Hugging Face's tokenizers, in one thread.

Reads one JSON object from standard input and writes one to standard output. The text comes in parts of a million characters
that end with a line, so that neither side holds all of it.
"""
import json
import os
import resource
import sys
import time

os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["RAYON_NUM_THREADS"] = "1"

import tokenizers  # noqa: E402


def parts(path, size=1_000_000):
    held = ""
    with open(path, encoding="utf-8", newline="\n") as file:
        while part := file.read(size):
            held += part
            end = held.rfind("\n") + 1
            if end > 0:
                yield held[:end]
                held = held[end:]
    if held:
        yield held


def main():
    request = json.load(sys.stdin)
    tokenizer = tokenizers.Tokenizer.from_file(request["tokenizer"])
    before = time.process_time()
    size = tokens = 0
    for part in parts(request["text"]):
        tokens += len(tokenizer.encode(part, add_special_tokens=False).ids)
        size += len(part.encode())
    seconds = time.process_time() - before
    json.dump(
        {
            "encoder": "tokenizers",
            "version": tokenizers.__version__,
            "megabytes": size / 1e6,
            "tokens": tokens,
            "processorSeconds": seconds,
            "megabytesPerSecond": size / 1e6 / seconds,
            "peakResidentBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        },
        sys.stdout,
    )


main()
