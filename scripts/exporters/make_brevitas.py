"""ResNet-18 quantized by Brevitas: layers written with its quantizers, and torchvision's network by its own converter;
exported as QONNX and as QCDQ. Brevitas itself, in PyTorch, gives the answers."""

import brevitas.nn as qnn
import torch
from brevitas.quant import Int8ActPerTensorFloat, Int8WeightPerChannelFloat, Int32Bias, Uint8ActPerTensorFloat
from torch import nn

import common

CHANNELS = (64, 128, 256, 512)


def with_bits(quantizer, bits):
    return type(f"{quantizer.__name__}{bits}", (quantizer,), {"bit_width": bits})


class Kinds:
    """The quantizers of a network, and the layers made with them."""

    def __init__(self, weights, activations, ends=None, bias=False, quant_tensors=False):
        self.weight = with_bits(Int8WeightPerChannelFloat, weights)
        self.end_weight = with_bits(Int8WeightPerChannelFloat, ends or weights)
        self.act, self.sum = (with_bits(q, activations) for q in (Uint8ActPerTensorFloat, Int8ActPerTensorFloat))
        self.end = with_bits(Int8ActPerTensorFloat, ends or activations)
        self.bias, self.quant_tensors = bias, quant_tensors

    def relu(self):
        return qnn.QuantReLU(act_quant=self.act, return_quant_tensor=self.quant_tensors)

    def identity(self, quantizer):
        return qnn.QuantIdentity(act_quant=quantizer, return_quant_tensor=self.quant_tensors)

    def conv(self, cin, cout, kernel, stride, weight=None):
        """A convolution and its batch norm; with integer biases there is no batch norm, as after Brevitas' merging."""
        bias = {"bias": True, "bias_quant": Int32Bias} if self.bias else {"bias": False}
        conv = qnn.QuantConv2d(cin, cout, kernel, stride=stride, padding=kernel // 2, weight_quant=weight or self.weight, **bias)
        return nn.Sequential(conv, nn.Identity() if self.bias else nn.BatchNorm2d(cout))


class Block(nn.Module):
    def __init__(self, kinds, cin, cout, stride):
        super().__init__()
        self.conv1, self.relu1 = kinds.conv(cin, cout, 3, stride), kinds.relu()
        self.conv2, self.short = kinds.conv(cout, cout, 3, 1), None
        if stride != 1 or cin != cout:
            self.short = nn.Sequential(kinds.conv(cin, cout, 1, stride), kinds.identity(kinds.sum))
        self.relu2 = kinds.relu()

    def forward(self, x):
        y = self.conv2(self.relu1(self.conv1(x)))
        return self.relu2(y + (self.short(x) if self.short else x))


class ResNet18(nn.Module):
    """pooled: quantized behind the max pool once more, which needs it no more."""

    def __init__(self, kinds, pooled=False):
        super().__init__()
        self.input = kinds.identity(kinds.end)
        self.conv, self.relu = kinds.conv(3, 64, 7, 2, kinds.end_weight), kinds.relu()
        self.pool = nn.Sequential(nn.MaxPool2d(3, 2, 1), kinds.identity(kinds.act) if pooled else nn.Identity())
        blocks, cin = [], 64
        for cout in CHANNELS:
            blocks += [Block(kinds, cin, cout, 1 if cout == cin else 2), Block(kinds, cout, cout, 1)]
            cin = cout
        self.blocks = nn.Sequential(*blocks)
        self.average, self.mean = nn.AdaptiveAvgPool2d(1), kinds.identity(kinds.act)
        self.dense = qnn.QuantLinear(512, common.CLASSES, bias=True, weight_quant=kinds.end_weight)
        self.output = qnn.QuantIdentity(act_quant=Int8ActPerTensorFloat)

    def forward(self, x):
        x = self.mean(self.average(self.blocks(self.pool(self.relu(self.conv(self.input(x)))))))
        return self.output(self.dense(torch.flatten(x, 1)))


def settled(model):
    """Batch norms' statistics, the last layer, and the quantizers' scales, all from images."""
    common.settle(model).train()
    with torch.no_grad():
        for _ in range(2):
            model(torch.from_numpy(common.pictures()[:32]))
    return model.eval()


def network(weights, activations, seed=1, **kinds):
    pooled = kinds.pop("pooled", False)
    torch.manual_seed(seed)
    return settled(ResNet18(Kinds(weights, activations, **kinds), pooled))


def converted():
    """torchvision's network by Brevitas' own converter and calibration."""
    from brevitas.graph.calibrate import calibration_mode
    from brevitas.graph.quantize import preprocess_for_quantize, quantize
    model = quantize(preprocess_for_quantize(common.resnet18()))
    with torch.no_grad(), calibration_mode(model):
        model(torch.from_numpy(common.calibration_images()))
    return model.eval()


def export(form, model, path):
    """None, or the error. The dynamo exporter is Brevitas' default, but knows no quantized biases in QCDQ."""
    from brevitas.export import export_onnx_qcdq, export_qonnx
    example = torch.from_numpy(common.test_images()[:1])
    try:
        if form == "QONNX":
            export_qonnx(model, example, path)
        else:
            biased = any(getattr(m, "bias_quant", None) and m.bias_quant.is_quant_enabled for m in model.modules())
            export_onnx_qcdq(model, example, path, **({"dynamo": False} if biased else {}))
    except Exception as error:  # whatever another tool raises
        return error
    return None


def in_double(model):
    """The model in float64 with the numbers of its file: quantizers' scales are float32, as there, and what a file's user or
    its exporter quantizes, the image and the weights, is divided in float32. All else is what Brevitas calculates."""
    from brevitas.core.quant import RescalingIntQuant

    def numbers_of_the_file(given):
        def change(module, operands):
            scale, zero, bits, x = operands
            scale = scale.float()
            if given:
                x = (torch.round(x.float() / scale + zero.float()) - zero.float()).double() * scale.double()
            return scale.double(), zero.double(), bits, x
        return change

    model.double()
    quantizers = [(n, m) for n, m in model.named_modules() if isinstance(m, RescalingIntQuant)]
    first = next(n for n, _ in quantizers if "weight" not in n)
    for name, quantizer in quantizers:
        quantizer.int_quant.register_forward_pre_hook(numbers_of_the_file("weight" in name or name == first))
    return model


def answers(model, count=common.IMAGES):
    """Brevitas' answers for so many of the images, in float32 and then in float64, which the model is in from then on."""
    x = torch.from_numpy(common.test_images()[:count])
    with torch.no_grad():
        both = model(x), in_double(model)(x.double())
    return tuple(getattr(y, "value", y).numpy() for y in both)


FORMS = ("QONNX", "QCDQ")


def main():
    made = common.Made("brevitas")

    def setting(name, build, **facts):
        if made.words and not any(w in f"{form} {name}" for w in made.words for form in FORMS):
            return
        model = build()
        files = {form: export(form, model, made.path(f"{form} {name}")) for form in FORMS}
        own = answers(model)
        for form in FORMS:
            def make(path):
                if files[form] is not None:
                    raise files[form]
                return own
            made.add(f"{form} {name}", make, **facts)

    exact = {"top1": 1, "double": 0.999, "float64": 0.999}  # Brevitas w4a4 is the yardstick
    setting("w4a4", lambda: network(4, 4), **exact)
    setting("w4a4 requantized pool", lambda: network(4, 4, pooled=True), **exact)
    setting("w4a4 ends 8", lambda: network(4, 4, ends=8), **exact)
    setting("w4a8", lambda: network(4, 8))
    setting("w8a8", lambda: network(8, 8))
    setting("w8a8 int32 bias", lambda: network(8, 8, bias=True, quant_tensors=True))
    setting("w3a5", lambda: network(3, 5))
    setting("w8a8 torchvision converted", converted)


if __name__ == "__main__":
    main()
