"""openbook: the generative-AI stack as one open book."""

import os

# onnxruntime counts its use and sends the counts home unless told otherwise before it is loaded; openbook never does
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

__version__ = "0.1.0"
