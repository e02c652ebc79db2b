"""Executes a candidate, then each test behind it, and tells on standard output what became of them.

It reads {"word", "source", "tests"} and writes the word and a list of [kind, detail], where kind is
passed, wrong, refused (by the system), memory or exit. What the candidate prints is thrown away.
"""
import json
import os
import sys

order = json.loads(sys.stdin.buffer.read())
answer = os.fdopen(os.dup(1), "w")
nothing = os.open(os.devnull, os.O_RDWR)
os.dup2(nothing, 0)
os.dup2(nothing, 1)


def verdict(code, space):
    try:
        exec(compile(code, "<candidate>", "exec"), space)
        return ["passed", ""]
    except SystemExit:
        return ["exit", ""]
    except MemoryError:
        return ["memory", ""]
    except OSError as error:
        return ["refused", "%s: %s" % (type(error).__name__, error)]
    except BaseException as error:
        return ["wrong", "%s: %s" % (type(error).__name__, error)]


space = {"__name__": "__main__"}
begin = verdict(order["source"], space)
told = [verdict(test, space) if begin[0] == "passed" else begin for test in order["tests"]]
answer.write("\n" + order["word"] + json.dumps(told) + "\n")
answer.flush()
os._exit(0)
