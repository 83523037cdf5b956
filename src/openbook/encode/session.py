"""An ONNX model ready to run on one text at a time, from any number of threads at once."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from openbook.encode.folder import ModelFolder
from openbook.errors import OpenbookError
from openbook.protocols import Vector


class Session:
    """The model of a folder in onnxruntime. Raises OpenbookError where it cannot be loaded.

    One thread inside a run: one text is done too soon to be shared out, several runs side by side use every core, and
    no result can depend on how work was divided.
    """

    def __init__(self, folder: ModelFolder) -> None:
        import onnxruntime as untyped

        onnxruntime: Any = untyped
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3  # errors, which are raised as well
        # the graph is written as it should run; the optimiser takes longer and puts slower fusions in its place
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        try:
            session: Any = onnxruntime.InferenceSession(str(folder.model), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime's errors share no public base class
            reason = str(error).splitlines()[0]
            raise OpenbookError(
                f"onnxruntime {onnxruntime.__version__} cannot load {folder.model}: {reason}; "
                "try pip install --upgrade onnxruntime"
            ) from error
        self._session = session

    def __call__(self, ids: NDArray[np.int64]) -> Vector:
        """The unit vector, (dim,), of a text given as token ids, (tokens,)."""
        vector: Vector = self._session.run(None, {"ids": ids})[0]
        return vector
