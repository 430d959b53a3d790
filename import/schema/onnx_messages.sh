#!/usr/bin/env bash
# onnx_messages.sh INCLUDE OUT: makes OUT/onnx/onnx.pb-c.c and .h, the messages of the ONNX format, from
# INCLUDE/onnx/onnx.proto, the file that ONNX's own library installs. protobuf-c 1.5 and newer want to be called as a
# plug-in of protoc; protoc-c, which does it alone, goes with them.
set -euo pipefail
include=$1 out=$2
if command -v protoc >/dev/null && plugin=$(command -v protoc-gen-c); then
  exec protoc --plugin=protoc-gen-c="$plugin" --c_out="$out" -I"$include" "$include/onnx/onnx.proto"
fi
command -v protoc-c >/dev/null || { echo "onnx_messages.sh: neither protoc with protoc-gen-c nor protoc-c" >&2; exit 2; }
exec protoc-c --c_out="$out" -I"$include" "$include/onnx/onnx.proto"
