"""multilingual-e5-small as an ONNX graph in 8 bits: from the vectors of word pieces to those of sentences.

The matrices get one scale a column. What they multiply gets one scale a token, so that a sentence has the same vector
whatever stands beside it in a batch (ONNX Runtime's own dynamic quantisation has one scale for the whole batch).
Weights go to 63 of 127: on a processor without VNNI the sum of two products stays within 16 bits.
"""

from collections.abc import Sequence

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from bot.encoding.e5_file import ModelFile

_OPSET, _IR = 18, 9
_MICROSOFT = "com.microsoft"
"""The operators of ONNX Runtime that fuse what a transformer repeats."""

_MOST_WEIGHT, _MOST_VALUE, _ZERO = 63, 127, 128
_LEAST = 1e-9
"""Stands for the largest of numbers that are all zero."""


def graph_of(model: ModelFile) -> bytes:
    """The serialised graph.

    Inputs: `pieces`, float of shape (sentences, tokens, width), the vectors of pieces, positions included; `lengths`,
    int32 of shape (sentences,), how many tokens of each count. Output: `tokens`, of the shape of `pieces`.
    """
    drawn = _Graph(model)
    values = drawn.normalised(["pieces"], "emb.ln")
    for layer in range(model.layers):
        values = _layer(drawn, f"l{layer}.", values)
    return drawn.serialised(values)


def _layer(drawn: "_Graph", prefix: str, values: str) -> str:
    """One layer of a BERT encoder (Devlin et al., 2018, arXiv:1810.04805)."""
    triple = drawn.product(values, [f"{prefix}{part}" for part in "qkv"])
    parts = drawn.parts(triple, 3)
    attended = drawn.add("MultiHeadAttention", [*parts, "", "lengths"], domain=_MICROSOFT, num_heads=drawn.model.heads)
    values = drawn.normalised([values, drawn.product(attended, [f"{prefix}ao"])], f"{prefix}aln")
    inner = drawn.add("Gelu", [drawn.product(values, [f"{prefix}fi"])], domain=_MICROSOFT)
    return drawn.normalised([values, drawn.product(inner, [f"{prefix}fo"], drawn.model.inner)], f"{prefix}oln")


class _Graph:
    def __init__(self, model: ModelFile) -> None:
        self.model = model
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        self._zero = self._constant(np.array(_ZERO, np.uint8))
        self._one = self._constant(np.array(1, np.float32))
        self._most = self._constant(np.array(_MOST_VALUE, np.float32))
        self._least = self._constant(np.array(_LEAST, np.float32))
        self._last_axis = self._constant(np.array([-1], np.int64))

    def add(self, operator: str, inputs: Sequence[str], *, domain: str = "", **attributes: float) -> str:
        """A node with one output, whose name is returned."""
        output = f"{operator}{len(self._nodes)}"
        node = helper.make_node(operator, inputs, [output], domain=domain, **attributes)  # type: ignore[arg-type]
        self._nodes.append(node)
        return output

    def parts(self, values: str, count: int) -> list[str]:
        """Cut along the last axis into parts of the same width."""
        outputs = [f"{values}.{number}" for number in range(count)]
        self._nodes.append(helper.make_node("Split", [values], outputs, axis=-1, num_outputs=count))
        return outputs

    def normalised(self, summands: Sequence[str], tensor: str) -> str:
        """The sum, normalised."""
        norm = [self._constant(self.model.vector(f"{tensor}.{part}")) for part in "wb"]
        if len(summands) == 1:
            return self.add("LayerNormalization", [*summands, *norm], epsilon=self.model.epsilon)
        fused = "SkipLayerNormalization"
        return self.add(fused, [*summands, *norm], domain=_MICROSOFT, epsilon=self.model.epsilon)

    def product(self, values: str, tensors: Sequence[str], width: int | None = None) -> str:
        """`values`, of that width (by default the model's), times the matrices side by side, plus the biases."""
        width = width or self.model.width
        weights = np.concatenate([self.model.matrix(f"{tensor}.w", width) for tensor in tensors]).T
        bias = np.concatenate([self.model.vector(f"{tensor}.b") for tensor in tensors])
        scale = np.maximum(np.abs(weights).max(axis=0), _LEAST) / _MOST_WEIGHT
        rounded = self._constant(np.rint(weights / scale).astype(np.int8))
        largest = self.add("ReduceMax", [self.add("Abs", [values]), self._last_axis], keepdims=1)
        largest = self.add("Max", [largest, self._least])
        scaled = self.add("Mul", [values, self.add("Div", [self._most, largest])])
        whole = self.add("QuantizeLinear", [scaled, self._one, self._zero])
        product = self.add("Cast", [self.add("MatMulInteger", [whole, rounded, self._zero])], to=TensorProto.FLOAT)
        # One scale after the other: ONNX Runtime would take a product of both for a single number.
        product = self.add("Mul", [product, largest])
        product = self.add("Mul", [product, self._constant((scale / _MOST_VALUE).astype(np.float32))])
        return self.add("Add", [product, self._constant(bias)])

    def serialised(self, output: str) -> bytes:
        self._nodes.append(helper.make_node("Identity", [output], ["tokens"]))
        shape = ("sentences", "tokens", self.model.width)
        inputs = [
            helper.make_tensor_value_info("pieces", TensorProto.FLOAT, shape),
            helper.make_tensor_value_info("lengths", TensorProto.INT32, shape[:1]),
        ]
        outputs = [helper.make_tensor_value_info("tokens", TensorProto.FLOAT, shape)]
        drawn = helper.make_graph(self._nodes, "multilingual-e5-small", inputs, outputs, self._constants)
        opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(_MICROSOFT, 1)]
        model: bytes = helper.make_model(drawn, opset_imports=opsets, ir_version=_IR).SerializeToString()
        return model

    def _constant(self, values: NDArray[np.generic]) -> str:
        name = f"constant{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name
