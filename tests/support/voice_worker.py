"""Stand for a worker that does what it is told: answer, hang, end, or say nonsense."""

import os
import sys
import time

from voice.frames import packed, read


def main() -> None:
    out = sys.stdout.buffer
    out.write(packed({"ready": True}))
    out.flush()
    while (message := read(sys.stdin.buffer)) is not None:
        head, content = message
        match head["do"]:
            case "hang":
                time.sleep(600)
            case "end":
                os._exit(9)
            case "nonsense":
                out.write(b"not json\n")
            case "environment":
                out.write(packed({"names": sorted(os.environ)}))
            case _:
                out.write(packed({"pid": os.getpid()}, content))
        out.flush()


if __name__ == "__main__":
    main()
