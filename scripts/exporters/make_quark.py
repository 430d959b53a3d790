"""ResNet-18 by AMD's Quark in its presets for ONNX; onnxruntime gives the answers."""

import os

import onnx
import torch

import common


def put_in_order(path):
    """Each node behind those that it reads from, as ONNX demands: Quark appends what it inserts."""
    model = onnx.load(path)
    left, done = list(model.graph.node), {""} | {t.name for t in model.graph.initializer} | {i.name for i in model.graph.input}
    del model.graph.node[:]
    while left:
        node = next(n for n in left if done.issuperset(n.input))
        left.remove(node)
        done.update(node.output)
        model.graph.node.append(node)
    onnx.save(model, path)


def main():
    from onnxruntime.quantization import CalibrationDataReader
    from quark.onnx import ModelQuantizer
    from quark.onnx.quantization.config import Config, get_default_config
    made = common.Made("quark")
    source = made.path("float")
    torch.onnx.export(common.resnet18(), torch.zeros(1, 3, common.SIDE, common.SIDE), source, opset_version=17, dynamo=False,
                      input_names=["image"], output_names=["logits"], dynamic_axes={"image": {0: "n"}, "logits": {0: "n"}})

    class Images(CalibrationDataReader):
        def __init__(self):
            self.left = list(common.calibration_images())

        def get_next(self):
            return {"image": self.left.pop()[None]} if self.left else None

    def setting(name, in_order=False, **facts):
        def make(path):
            config = Config(global_quant_config=get_default_config(name))
            ModelQuantizer(config).quantize_model(source, path, Images())
            if in_order:
                put_in_order(path)
            return common.run_onnxruntime(path, common.test_images())
        made.add(name + (", nodes in order" if in_order else ""), make, **facts)

    setting("XINT8", refused="out of order")  # as ONNX's own checker does
    setting("XINT8", in_order=True)
    setting("S8S8_AAWS")
    setting("U8S8_AAWS")
    setting("U8U8_AAWA")
    setting("A8W8")
    setting("S16S8_ASWS", refused="int16")


if __name__ == "__main__":
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
    main()
