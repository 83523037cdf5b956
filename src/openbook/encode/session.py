"""An ONNX model ready to run, from any number of threads at once."""

from pathlib import Path
from typing import Any

from openbook.errors import OpenbookError


def load(model: Path, content: bytes | None = None, *, threads: int = 1) -> Any:
    """The model in onnxruntime; ``content`` instead of the file's, where it is given. Raises OpenbookError where it
    cannot be loaded.

    threads: inside a run. For an encoder one: a text is done too soon to be shared out, several runs side by side use
    every core, and no result can depend on how work was divided.
    """
    import onnxruntime as untyped

    onnxruntime: Any = untyped
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors, which are raised as well
    # the graph is written as it should run; the optimiser takes longer and puts slower fusions in its place
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    try:
        return onnxruntime.InferenceSession(content or str(model), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's errors share no public base class
        reason = str(error).splitlines()[0]
        raise OpenbookError(
            f"onnxruntime {onnxruntime.__version__} cannot load {model}: {reason}; "
            "try pip install --upgrade onnxruntime"
        ) from error
