"""Run the assistant: channels, conversation, settings and the command line."""

import os

# NumPy reads it when it is first imported. Vectors as small as that of a sentence are multiplied in less time
# than several threads need to agree, and while these wait for each other they keep processors others need.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
