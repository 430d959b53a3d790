"""ResNet-18 by NVIDIA's Model Optimizer, from ONNX and from PyTorch; onnxruntime gives the answers."""

import torch

import common


def export(model, path, opset=17):
    torch.onnx.export(model, torch.zeros(1, 3, common.SIDE, common.SIDE), path, opset_version=opset, dynamo=False,
                      input_names=["image"], output_names=["logits"], dynamic_axes={"image": {0: "n"}, "logits": {0: "n"}})


def main():
    made = common.Made("modelopt")
    images = common.calibration_images()
    source = made.path("float")
    export(common.resnet18(), source)

    def from_onnx(name, **options):
        def make(path):
            from modelopt.onnx.quantization import quantize
            quantize(source, quantize_mode="int8", calibration_data={"image": images}, output_path=path,
                     calibration_eps=["cpu"], **options)
            return common.run_onnxruntime(path, common.test_images())
        made.add(f"ONNX {name}", make)

    def from_torch(name, config):
        def make(path):
            import modelopt.torch.quantization as mtq
            model = mtq.quantize(common.resnet18(), getattr(mtq, config), lambda m: m(torch.from_numpy(images)))
            export(model, path)
            return common.run_onnxruntime(path, common.test_images())
        made.add(f"PyTorch {name}", make, refused="insert a QuantizeLinear")  # its sums are float

    from_onnx("int8 max", calibration_method="max", high_precision_dtype="fp32")
    from_onnx("int8 entropy", calibration_method="entropy", high_precision_dtype="fp32")
    from_torch("INT8_DEFAULT_CFG", "INT8_DEFAULT_CFG")


if __name__ == "__main__":
    main()
