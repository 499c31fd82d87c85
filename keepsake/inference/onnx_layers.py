"""The twelve layers of multilingual-e5-small for onnxruntime, made of its weights of 4 bits.

No file of them is kept: the graph is made when the model is loaded. What is multiplied is whole
numbers: each piece's numbers as parts of its largest one, in 8 bits, and a column's weights, in 7.
So no text's vector depends on what is embedded beside it. With more than 7 bits, sums of two
products would overflow on processors without an instruction of their own for these.
"""

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from keepsake.inference.layers import DIMENSIONS, EPSILON, HEADS, Layers, Vector, unpacked

Tensors: TypeAlias = Mapping[str, NDArray[Any]]
_LAYERS = 12
_OF_VALUES, _OF_WEIGHTS, _ZERO = 127, 63, 128
"""The largest whole numbers, and what stands for zero among those of values."""
_LEAST = 1e-30
"""What a piece's largest number is at least, as it is divided by."""
_OF_ONNXRUNTIME = "com.microsoft"
_ONNX_VERSION, _FILE_VERSION = 18, 9


def in_onnxruntime(packed: Tensors) -> Layers:
    """The layers as a session, on the caller's thread alone."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False  # it would keep what the longest batch took
    session = onnxruntime.InferenceSession(
        _model(packed).SerializeToString(), options, providers=["CPUExecutionProvider"]
    )

    def passed(hidden: Vector, mask: Vector) -> Vector:
        given = {"hidden": hidden.reshape(*mask.shape, -1), "mask": mask.astype(np.int32)}
        made: Vector = session.run(None, given)[0]
        return made

    return passed


def _model(packed: Tensors) -> onnx.ModelProto:
    graph = _Graph(packed)
    hidden = "hidden"
    for number in range(_LAYERS):
        hidden = graph.layer(f"l{number}.", hidden)
    shape = ["texts", "length", DIMENSIONS]
    made = helper.make_graph(
        graph.nodes, "layers",
        inputs=[helper.make_tensor_value_info("hidden", TensorProto.FLOAT, shape),
                helper.make_tensor_value_info("mask", TensorProto.INT32, shape[:2])],
        outputs=[helper.make_tensor_value_info(hidden, TensorProto.FLOAT, shape)],
        initializer=graph.weights,
    )  # fmt: skip
    versions = [helper.make_opsetid("", _ONNX_VERSION), helper.make_opsetid(_OF_ONNXRUNTIME, 1)]
    return helper.make_model(made, opset_imports=versions, ir_version=_FILE_VERSION)


class _Graph:
    """Nodes and weights; each node is called after what it gives."""

    def __init__(self, packed: Tensors) -> None:
        self._packed = packed
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []
        self._weight("step", np.array(1 / _OF_VALUES, dtype=np.float32))
        self._weight("zero", np.array(_ZERO, dtype=np.uint8))
        self._weight("least", np.array([_LEAST], dtype=np.float32))
        self._weight("last", np.array([-1], dtype=np.int64))

    def layer(self, name: str, hidden: str) -> str:
        """What a layer makes of `hidden`."""
        parts = [f"{name}{part}" for part in "qkv"]
        asked = self._product(f"{name}qkv", hidden, parts)
        self._add("Split", "", [asked], parts, axis=-1, num_outputs=3)
        heads = self._add("MultiHeadAttention", _OF_ONNXRUNTIME, [*parts, "", "mask"],
                          [f"{name}heads"], num_heads=HEADS)  # fmt: skip
        attended = self._product(f"{name}ao", heads, [f"{name}ao"])
        hidden = self._normed(f"{name}aln", attended, hidden)
        inner = self._product(f"{name}fi", hidden, [f"{name}fi"])
        curved = self._add("Gelu", _OF_ONNXRUNTIME, [inner], [f"{name}gelu"])
        outer = self._product(f"{name}fo", curved, [f"{name}fo"])
        return self._normed(f"{name}oln", outer, hidden)

    def _product(self, name: str, values: str, parts: list[str]) -> str:
        """One product by several matrices, whose results stand side by side."""
        matrix = np.concatenate([unpacked(self._packed[f"{part}.w"]) for part in parts]).T
        added = np.concatenate([self._packed[f"{part}.b"] for part in parts])
        steps = np.abs(matrix).max(0) / np.float32(_OF_WEIGHTS)
        weights = self._weight(f"{name}.weights", np.rint(matrix / steps).astype(np.int8))
        largest, whole = self._whole(name, values)
        made = self._add(
            "MatMulIntegerToFloat", _OF_ONNXRUNTIME,
            [whole, weights, "step", self._weight(f"{name}.steps", steps), "zero"],
            [f"{name}.product"],
        )  # fmt: skip
        made = self._add("Mul", "", [made, largest], [f"{name}.full"])
        return self._add("Add", "", [made, self._weight(f"{name}.added", added)], [f"{name}.out"])

    def _whole(self, name: str, values: str) -> tuple[str, str]:
        """The largest number of each piece, and whole numbers: its numbers as parts of that."""
        sizes = self._add("Abs", "", [values], [f"{name}.sizes"])
        largest = self._add("ReduceMax", "", [sizes, "last"], [f"{name}.largest"], keepdims=1)
        largest = self._add("Max", "", [largest, "least"], [f"{name}.divisor"])
        parts = self._add("Div", "", [values, largest], [f"{name}.parts"])
        return largest, self._add("QuantizeLinear", "", [parts, "step", "zero"], [f"{name}.whole"])

    def _normed(self, name: str, values: str, before: str) -> str:
        scales = [self._weight(f"{name}.{part}", self._packed[f"{name}.{part}"]) for part in "wb"]
        return self._add("SkipLayerNormalization", _OF_ONNXRUNTIME, [values, before, *scales],
                         [f"{name}.normed"], epsilon=EPSILON)  # fmt: skip

    def _weight(self, name: str, tensor: NDArray[Any]) -> str:
        self.weights.append(numpy_helper.from_array(tensor, name))
        return name

    def _add(
        self, kind: str, domain: str, given: list[str], made: list[str], **attributes: Any
    ) -> str:
        self.nodes.append(helper.make_node(kind, given, made, domain=domain, **attributes))
        return made[0]
