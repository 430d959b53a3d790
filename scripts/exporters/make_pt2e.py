"""ResNet-18 by PyTorch's own quantization (torchao's PT2E flow with the X86 and the XNNPACK quantizer), exported to ONNX by
the dynamo exporter; onnxruntime gives the answers."""

import torch

import common


class Relu(torch.nn.Module):
    def forward(self, x):
        return torch.relu(x)


def network():
    """Without modules that are used twice, which the X86 quantizer does not take apart."""
    model = common.resnet18()
    for module in model.modules():
        if hasattr(module, "relu"):
            module.relu = Relu()
    return model


def quantized(quantizer):
    from torchao.quantization.pt2e.quantize_pt2e import convert_pt2e, prepare_pt2e
    example = (torch.from_numpy(common.test_images()[:1]),)
    prepared = prepare_pt2e(torch.export.export(network(), example).module(), quantizer)
    with torch.no_grad():
        for x in common.calibration_images():
            prepared(torch.from_numpy(x[None]))
    return convert_pt2e(prepared), example


def quantizers():
    """name -> quantizer, of the libraries that are installed."""
    from torchao.quantization.pt2e.quantizer import x86_inductor_quantizer as x86
    yield "X86", x86.X86InductorQuantizer().set_global(x86.get_default_x86_inductor_quantization_config())
    try:
        from executorch.backends.xnnpack.quantizer import xnnpack_quantizer as xnnpack
    except ImportError:
        from torchao.testing.pt2e import _xnnpack_quantizer as xnnpack
    for name, per_channel in (("XNNPACK per channel", True), ("XNNPACK per tensor", False)):
        config = xnnpack.get_symmetric_quantization_config(is_per_channel=per_channel)
        yield name, xnnpack.XNNPACKQuantizer().set_global(config)


def main():
    made = common.Made("pt2e")
    for name, quantizer in quantizers():
        def make(path):
            model, example = quantized(quantizer)
            torch.onnx.export(model, example, path, dynamo=True, opset_version=21, external_data=False)
            return common.run_onnxruntime(path, common.test_images())
        # The X86 quantizer leaves the last sum unquantized in front of the average.
        made.add(name, make, **({"refused": "insert a QuantizeLinear"} if name == "X86" else {}))


if __name__ == "__main__":
    main()
