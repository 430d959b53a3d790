/* Field numbers of ONNX's messages, from ONNX's own schema. Private to the library. */
#ifndef TETRA_ONNX_FIELDS_H
#define TETRA_ONNX_FIELDS_H

#include "onnx/onnx.pb-c.h"

/* Of field `name` in a message; 0 where the schema has none of that name, which no wire_... function writes. */
static inline int onnx_field(const ProtobufCMessageDescriptor *message, const char *name) {
  const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field_by_name(message, name);
  return field == NULL ? 0 : (int)field->id;
}

#define MODEL_IR onnx_field(&onnx__model_proto__descriptor, "ir_version")
#define MODEL_PRODUCER onnx_field(&onnx__model_proto__descriptor, "producer_name")
#define MODEL_GRAPH onnx_field(&onnx__model_proto__descriptor, "graph")
#define MODEL_OPSET onnx_field(&onnx__model_proto__descriptor, "opset_import")
#define MODEL_METADATA onnx_field(&onnx__model_proto__descriptor, "metadata_props")
#define OPSET_VERSION onnx_field(&onnx__operator_set_id_proto__descriptor, "version")
#define ENTRY_KEY onnx_field(&onnx__string_string_entry_proto__descriptor, "key")
#define ENTRY_VALUE onnx_field(&onnx__string_string_entry_proto__descriptor, "value")
#define GRAPH_NODE onnx_field(&onnx__graph_proto__descriptor, "node")
#define GRAPH_NAME onnx_field(&onnx__graph_proto__descriptor, "name")
#define GRAPH_INITIALIZER onnx_field(&onnx__graph_proto__descriptor, "initializer")
#define GRAPH_INPUT onnx_field(&onnx__graph_proto__descriptor, "input")
#define GRAPH_OUTPUT onnx_field(&onnx__graph_proto__descriptor, "output")
#define NODE_INPUT onnx_field(&onnx__node_proto__descriptor, "input")
#define NODE_OUTPUT onnx_field(&onnx__node_proto__descriptor, "output")
#define NODE_NAME onnx_field(&onnx__node_proto__descriptor, "name")
#define NODE_OP onnx_field(&onnx__node_proto__descriptor, "op_type")
#define NODE_ATTRIBUTE onnx_field(&onnx__node_proto__descriptor, "attribute")
#define ATTR_NAME onnx_field(&onnx__attribute_proto__descriptor, "name")
#define ATTR_I onnx_field(&onnx__attribute_proto__descriptor, "i")
#define ATTR_INTS onnx_field(&onnx__attribute_proto__descriptor, "ints")
#define ATTR_TYPE onnx_field(&onnx__attribute_proto__descriptor, "type")
#define ATTR_TYPE_INT ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT
#define ATTR_TYPE_INTS ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS
#define TENSOR_DIM onnx_field(&onnx__tensor_proto__descriptor, "dims")
#define TENSOR_TYPE onnx_field(&onnx__tensor_proto__descriptor, "data_type")
#define TENSOR_NAME onnx_field(&onnx__tensor_proto__descriptor, "name")
#define TENSOR_RAW onnx_field(&onnx__tensor_proto__descriptor, "raw_data")
#define VALUE_NAME onnx_field(&onnx__value_info_proto__descriptor, "name")
#define VALUE_TYPE onnx_field(&onnx__value_info_proto__descriptor, "type")
#define TYPE_TENSOR onnx_field(&onnx__type_proto__descriptor, "tensor_type")
#define TENSOR_TYPE_ELEMENT onnx_field(&onnx__type_proto__tensor__descriptor, "elem_type")
#define TENSOR_TYPE_SHAPE onnx_field(&onnx__type_proto__tensor__descriptor, "shape")
#define SHAPE_DIM onnx_field(&onnx__tensor_shape_proto__descriptor, "dim")
#define DIM_VALUE onnx_field(&onnx__tensor_shape_proto__dimension__descriptor, "dim_value")
#define DIM_PARAM onnx_field(&onnx__tensor_shape_proto__dimension__descriptor, "dim_param")

#endif
