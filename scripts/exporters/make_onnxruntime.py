"""ResNet-18 as both of PyTorch's exporters write it, quantized by onnxruntime in the settings that its users choose from."""

import os

import common


def float_models(made):
    """exporter and opset -> path of the float model, as torch.onnx.export writes it and as onnxruntime prepares it."""
    import torch
    from onnxruntime.quantization.shape_inference import quant_pre_process
    model, example, paths = common.resnet18(), torch.zeros(1, 3, common.SIDE, common.SIDE), {}
    for exporter, opset in (("torchscript", 13), ("torchscript", 17), ("dynamo", 18), ("dynamo", 21)):
        path = made.path(f"float {exporter} {opset}")
        axes = {"dynamic_axes": {"image": {0: "n"}, "logits": {0: "n"}}} if exporter == "torchscript" else \
               {"dynamic_shapes": ({0: torch.export.Dim("n", min=1, max=64)},)}
        torch.onnx.export(model, (example if exporter == "torchscript" else torch.zeros(2, 3, common.SIDE, common.SIDE),), path,
                          opset_version=opset, dynamo=exporter == "dynamo", input_names=["image"], output_names=["logits"],
                          **axes)
        prepared = made.path(f"prepared {exporter} {opset}")
        quant_pre_process(path, prepared)
        paths[f"{exporter} {opset}"], paths[f"{exporter} {opset} unprepared"] = prepared, path
    return paths


def main():
    import onnxruntime.quantization as q
    made = common.Made("onnxruntime")
    models = float_models(made)
    u8, s8, s4, s16 = q.QuantType.QUInt8, q.QuantType.QInt8, q.QuantType.QInt4, q.QuantType.QInt16

    class Images(q.CalibrationDataReader):
        def __init__(self):
            self.left = list(common.calibration_images())

        def get_next(self):
            return {"image": self.left.pop()[None]} if self.left else None

    def setting(name, source, form, activations, weights, per_channel, extra=None, facts=None, **options):
        def make(path):
            q.quantize_static(models[source], path, Images(), quant_format=form, activation_type=activations,
                              weight_type=weights, per_channel=per_channel, extra_options=extra or {}, **options)
            return common.run_onnxruntime(path, common.test_images())
        made.add(f"{source} {name}", make, **(facts or {}))

    qdq, qop = q.QuantFormat.QDQ, q.QuantFormat.QOperator
    symmetric = {"ActivationSymmetric": True}
    for source in ("torchscript 13", "dynamo 18"):
        setting("QDQ u8s8 per channel", source, qdq, u8, s8, True)
        setting("QDQ s8s8 symmetric", source, qdq, s8, s8, True, symmetric)
        setting("QOperator u8s8 per channel", source, qop, u8, s8, True)
    new = "torchscript 17"
    setting("QDQ defaults", new, qdq, s8, s8, False)
    setting("QDQ defaults", new + " unprepared", qdq, s8, s8, False)
    setting("QDQ u8u8", new, qdq, u8, u8, False)
    setting("QDQ u8u8 per channel", new, qdq, u8, u8, True)
    setting("QDQ s8s8 asymmetric weights", new, qdq, s8, s8, True, {"WeightSymmetric": False})
    setting("QDQ u8s8 reduce_range", new, qdq, u8, s8, True, reduce_range=True)
    setting("QDQ u8s8 float bias", new, qdq, u8, s8, True, {"QuantizeBias": False})
    setting("QDQ u8s8 pair at weights", new, qdq, u8, s8, True, {"AddQDQPairToWeight": True})
    setting("QDQ u8s8 dedicated pairs", new, qdq, u8, s8, True, {"DedicatedQDQPair": True})
    setting("QDQ u8s8 keep Relus", new, qdq, u8, s8, True, {"QDQKeepRemovableActivations": True})
    setting("QDQ u8s8 entropy", new, qdq, u8, s8, True, calibrate_method=q.CalibrationMethod.Entropy)
    setting("QDQ u8s8 percentile", new, qdq, u8, s8, True, calibrate_method=q.CalibrationMethod.Percentile)
    setting("QDQ u8s8 last layer float", new, qdq, u8, s8, True, op_types_to_quantize=["Conv", "MaxPool", "Add", "GlobalAveragePool"])
    setting("QDQ u8s8 Conv and Gemm only", new, qdq, u8, s8, True, op_types_to_quantize=["Conv", "Gemm"],
            facts={"refused": "insert a QuantizeLinear"})
    setting("QOperator u8u8", new, qop, u8, u8, False)
    setting("QOperator s8s8", new, qop, s8, s8, True)
    setting("QDQ u8s8 per channel", "dynamo 21", qdq, u8, s8, True)
    setting("QDQ u8s4 per channel", "dynamo 21", qdq, u8, s4, True)
    setting("QDQ s16s8", "dynamo 21", qdq, s16, s8, True, facts={"refused": "int16"})

    def dynamic(path):
        q.quantize_dynamic(models[new], path)
        return common.run_onnxruntime(path, common.test_images())
    made.add(f"{new} dynamic", dynamic, refused="DynamicQuantizeLinear")


if __name__ == "__main__":
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
    main()
