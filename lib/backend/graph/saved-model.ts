import type { NativeBinding, OpAttribute } from "../native-ops";
import { MessageWriter } from "./wire-format";

/** One operation of a graph. */
export interface GraphNode {
  readonly name: string;
  readonly operation: string;
  /** Outputs of other nodes, `name:position`. */
  readonly inputs: readonly string[];
  readonly attributes: readonly OpAttribute[];
  /** Of the first output, where it has one. */
  readonly shape?: readonly number[];
  /** The value of a `Const` node. */
  readonly value?: ConstantValue;
}

export interface ConstantValue {
  readonly shape: readonly number[];
  /** TensorFlow's number of the type. */
  readonly dtype: number;
  /** Little endian, C order. */
  readonly bytes: Uint8Array;
}

/** The tag under which the graph is loaded. */
export const GRAPH_TAG = "serve";

/** Version of the graph format, as TensorFlow 2.9 and later write it. */
const PRODUCER = 1087;

/**
 * A graph without variables in the file format of TensorFlow's SavedModel.
 *
 * @see tensorflow/core/protobuf/{saved_model,meta_graph}.proto, tensorflow/core/framework/{graph,node_def}.proto.
 */
export function encodeSavedModel(nodes: readonly GraphNode[], binding: NativeBinding): Buffer {
  const model = new MessageWriter();
  model.integer(1, 1); // saved_model_schema_version
  model.message(2, (metaGraph) => {
    metaGraph.message(1, (info) => {
      info.bytes(4, GRAPH_TAG);
    });
    metaGraph.message(2, (graph) => {
      for (const node of nodes)
        graph.message(1, (message) => {
          writeNode(message, node, binding);
        });
      graph.message(4, (versions) => {
        versions.integer(1, PRODUCER);
      });
    });
  });
  return model.finish();
}

function writeNode(message: MessageWriter, node: GraphNode, binding: NativeBinding): void {
  message.bytes(1, node.name);
  message.bytes(2, node.operation);
  for (const input of node.inputs) message.bytes(3, input);
  for (const attribute of node.attributes)
    writeEntry(message, attribute.name, (value) => {
      writeAttribute(value, attribute, binding);
    });
  const { value: constant } = node;
  if (constant === undefined) return;
  writeEntry(message, "value", (value) => {
    value.message(8, (tensor) => {
      tensor.integer(1, constant.dtype);
      tensor.message(2, (shape) => {
        writeShape(shape, constant.shape);
      });
      tensor.bytes(4, constant.bytes);
    });
  });
}

/** One entry of a node's map of attributes. */
function writeEntry(message: MessageWriter, name: string, fill: (value: MessageWriter) => void): void {
  message.message(5, (entry) => {
    entry.bytes(1, name);
    entry.message(2, fill);
  });
}

/** @throws Error for a kind of attribute that tfjs does not use. */
function writeAttribute(message: MessageWriter, attribute: OpAttribute, binding: NativeBinding): void {
  const { type, value, name } = attribute;
  if (type === binding.TF_ATTR_STRING) message.bytes(2, String(value));
  else if (type === binding.TF_ATTR_INT)
    numbersOrOne(message, value, (writer, one) => {
      writer.integer(3, one);
    });
  else if (type === binding.TF_ATTR_FLOAT)
    numbersOrOne(message, value, (writer, one) => {
      writer.float(4, one);
    });
  else if (type === binding.TF_ATTR_BOOL) message.integer(5, value === true ? 1 : 0);
  else if (type === binding.TF_ATTR_TYPE) message.integer(6, Number(value));
  else if (type === binding.TF_ATTR_SHAPE && typeof value === "object")
    message.message(7, (shape) => {
      writeShape(shape, value);
    });
  else throw new Error(`the attribute ${name} has the type ${type}, which no graph was written with yet`);
}

/** A number, or a list of them as a message of its own. */
function numbersOrOne(
  message: MessageWriter,
  value: OpAttribute["value"],
  write: (writer: MessageWriter, one: number) => void,
): void {
  if (typeof value !== "object") write(message, Number(value));
  else
    message.message(1, (list) => {
      for (const one of value) write(list, one);
    });
}

function writeShape(message: MessageWriter, shape: readonly number[]): void {
  for (const size of shape)
    message.message(2, (dimension) => {
      dimension.integer(1, size);
    });
}
