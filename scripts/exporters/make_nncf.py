"""ResNet-18 by NNCF (post-training quantization of the ONNX model, in its presets); onnxruntime gives the answers."""

import onnx
import torch

import common


def float_model(made):
    path = made.path("float")
    torch.onnx.export(common.resnet18(), torch.zeros(1, 3, common.SIDE, common.SIDE), path, opset_version=17, dynamo=False,
                      input_names=["image"], output_names=["logits"], dynamic_axes={"image": {0: "n"}, "logits": {0: "n"}})
    return path


def main():
    import nncf
    made = common.Made("nncf")
    source = float_model(made)
    data = nncf.Dataset([{"image": x[None]} for x in common.calibration_images()])

    def setting(name, **options):
        def make(path):
            onnx.save(nncf.quantize(onnx.load(source), data, subset_size=common.CALIBRATION, **options), path)
            return common.run_onnxruntime(path, common.test_images())
        made.add(name, make)

    setting("defaults")
    setting("performance", preset=nncf.QuantizationPreset.PERFORMANCE)
    setting("mixed", preset=nncf.QuantizationPreset.MIXED)
    setting("CPU_SPR", target_device=nncf.TargetDevice.CPU_SPR)
    setting("accurate bias correction", fast_bias_correction=False)


if __name__ == "__main__":
    main()
