"""ResNet-18 of Keras, converted to TensorFlow Lite in the settings of its guide. LiteRT's reference kernels, which have the
rounding of their own definitions, give the answers."""

import numpy as np
import tensorflow as tf
import tf_keras as keras

import common

CHANNELS = (64, 128, 256, 512)


def normed(x, filters, kernel, stride):
    x = keras.layers.Conv2D(filters, kernel, strides=stride, padding="same", use_bias=False)(x)
    return keras.layers.BatchNormalization()(x)


def block(x, filters, stride):
    y = keras.layers.ReLU()(normed(x, filters, 3, stride))
    y = normed(y, filters, 3, 1)
    short = normed(x, filters, 1, stride) if stride != 1 or x.shape[-1] != filters else x
    return keras.layers.ReLU()(keras.layers.Add()([y, short]))


def nhwc(x):
    return np.ascontiguousarray(x.transpose(0, 2, 3, 1))


def resnet18(softmax=False, padded=False):
    """Seeded; statistics and the last bias from images, as common.settle has them for PyTorch. `padded`: with ZeroPadding2D
    before the strided layers, as Keras' own ResNets are."""
    keras.utils.set_random_seed(1)
    image = keras.Input((common.SIDE, common.SIDE, 3))
    if padded:
        x = keras.layers.ZeroPadding2D(3)(image)
        x = keras.layers.Conv2D(64, 7, strides=2)(x)
        x = keras.layers.ReLU()(keras.layers.BatchNormalization()(x))
        x = keras.layers.MaxPooling2D(3, 2)(keras.layers.ZeroPadding2D(1)(x))
    else:
        x = keras.layers.MaxPooling2D(3, 2, "same")(keras.layers.ReLU()(normed(image, 64, 7, 2)))
    cin = 64
    for filters in CHANNELS:
        x = block(block(x, filters, 1 if filters == cin else 2), filters, 1)
        cin = filters
    dense = keras.layers.Dense(common.CLASSES, kernel_initializer=keras.initializers.RandomNormal(0, 0.1))
    x = dense(keras.layers.GlobalAveragePooling2D()(x))
    model = keras.Model(image, keras.layers.Softmax()(x) if softmax else x)
    rng = np.random.default_rng(4)
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.0
            n = layer.gamma.shape[0]
            layer.gamma.assign(rng.uniform(0.5, 1.5, n))
            layer.beta.assign(rng.uniform(-0.5, 0.5, n))
    images = nhwc(common.images(32, 4))
    model(images, training=True)
    logits = keras.Model(image, x)
    dense.bias.assign(-logits.predict(images, verbose=0).mean(0))
    return model


def converted(model, kind, io):
    """The bytes of a file; kind is what the converter's guide calls full integer quantization, its 16x8 form, or dynamic."""
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if kind != "dynamic":
        converter.representative_dataset = lambda: ([x[None]] for x in nhwc(common.calibration_images()))
        ops = tf.lite.OpsSet
        converter.target_spec.supported_ops = [ops.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8
                                               if kind == "int16x8" else ops.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = io
    if kind == "int8 per tensor":
        converter._experimental_disable_per_channel = True
    return converter.convert()


def run_litert(path, x):
    """x: codes or reals as the file's input is; the answers as reals, those before a softmax."""
    from ai_edge_litert.interpreter import Interpreter, OpResolverType
    interpreter = Interpreter(path, experimental_op_resolver_type=OpResolverType.BUILTIN_REF,
                              experimental_preserve_all_tensors=True)
    interpreter.allocate_tensors()
    source, target = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    last = interpreter._get_ops_details()[-1]
    if last["op_name"] == "SOFTMAX":
        target = next(t for t in interpreter.get_tensor_details() if t["index"] == last["inputs"][0])
    scale, zero = target["quantization"]
    answers = []
    for image in x:
        interpreter.set_tensor(source["index"], image[None].astype(source["dtype"]))
        interpreter.invoke()
        y = interpreter.get_tensor(target["index"]).reshape(-1).astype(np.float64)
        answers.append((y - zero) * scale if scale else y)
    return np.array(answers)


def main():
    made = common.Made("tflite")
    x = nhwc(common.test_images())

    def setting(name, build, kind, io, **facts):
        def make(path):
            data = converted(build(), kind, io)
            with open(path, "wb") as file:
                file.write(data)
            from ai_edge_litert.interpreter import Interpreter
            interpreter = Interpreter(path)
            details = interpreter.get_input_details()[0]
            scale, zero = details["quantization"]
            inputs = x
            if scale:  # codes, so that no rounding of the input enters
                limits = np.iinfo(details["dtype"])
                inputs = np.clip(np.rint(x / scale) + zero, limits.min, limits.max).astype(details["dtype"])
            made.input = made.path(name + " images", ".npy")
            np.save(made.input, inputs)
            return run_litert(path, inputs)
        facts = {"input": made.path(name + " images", ".npy"), **facts}
        made.add(name, make, ".tflite", **facts)

    reference = {"options": ["--tflite-rounding", "litert"], "top1": 1, "equal": 1}
    plain = resnet18
    setting("int8", plain, "int8", tf.int8, **reference)
    setting("int8 float ends", plain, "int8", tf.float32, **reference)
    setting("int8 uint8 ends", plain, "int8", tf.uint8, **reference)
    setting("int8 per tensor", plain, "int8 per tensor", tf.int8, **reference)
    setting("int8 padded", lambda: resnet18(padded=True), "int8", tf.int8, **reference)
    setting("int8 softmax", lambda: resnet18(softmax=True), "int8", tf.int8, **reference)
    setting("int16x8", plain, "int16x8", tf.int16, refused="INT16")
    setting("dynamic range", plain, "dynamic", None, refused="dynamic range")


if __name__ == "__main__":
    main()
