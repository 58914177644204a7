// The part of TensorFlow's C interface for operations and kernels that is used here; the wheel's headers that
// are at hand leave it out. See tensorflow/c/ops.h and tensorflow/c/kernels.h.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "tensorflow/c/c_api.h"

extern "C" {
typedef struct TF_OpDefinitionBuilder TF_OpDefinitionBuilder;
typedef struct TF_ShapeInferenceContext TF_ShapeInferenceContext;
typedef struct TF_ShapeHandle TF_ShapeHandle;
typedef struct TF_KernelBuilder TF_KernelBuilder;
typedef struct TF_OpKernelConstruction TF_OpKernelConstruction;
typedef struct TF_OpKernelContext TF_OpKernelContext;

TF_OpDefinitionBuilder* TF_NewOpDefinitionBuilder(const char* name);
void TF_OpDefinitionBuilderAddAttr(TF_OpDefinitionBuilder*, const char* spec);
void TF_OpDefinitionBuilderAddInput(TF_OpDefinitionBuilder*, const char* spec);
void TF_OpDefinitionBuilderAddOutput(TF_OpDefinitionBuilder*, const char* spec);
void TF_OpDefinitionBuilderSetShapeInferenceFunction(TF_OpDefinitionBuilder*,
                                                     void (*infer)(TF_ShapeInferenceContext*, TF_Status*));
void TF_RegisterOpDefinition(TF_OpDefinitionBuilder*, TF_Status*);
void TF_ShapeInferenceContextSetUnknownShape(TF_ShapeInferenceContext*, TF_Status*);

TF_KernelBuilder* TF_NewKernelBuilder(const char* operation, const char* device,
                                      void* (*create)(TF_OpKernelConstruction*),
                                      void (*compute)(void*, TF_OpKernelContext*), void (*destroy)(void*));
void TF_KernelBuilder_TypeConstraint(TF_KernelBuilder*, const char* attribute, TF_DataType, TF_Status*);
void TF_RegisterKernelBuilder(const char* name, TF_KernelBuilder*, TF_Status*);
void TF_OpKernelConstruction_GetAttrFloat(TF_OpKernelConstruction*, const char*, float*, TF_Status*);
void TF_OpKernelConstruction_GetAttrInt64(TF_OpKernelConstruction*, const char*, int64_t*, TF_Status*);
void TF_OpKernelConstruction_Failure(TF_OpKernelConstruction*, TF_Status*);
void TF_GetInput(TF_OpKernelContext*, int, TF_Tensor**, TF_Status*);
TF_Tensor* TF_AllocateOutput(TF_OpKernelContext*, int, TF_DataType, const int64_t*, int, size_t, TF_Status*);
void TF_OpKernelContext_Failure(TF_OpKernelContext*, TF_Status*);
}

namespace synthmr {

// A status that throws what it holds.
class Status {
 public:
  Status() : status_(TF_NewStatus()) {}
  ~Status() { TF_DeleteStatus(status_); }
  TF_Status* get() { return status_; }
  void Check() {
    if (TF_GetCode(status_) != TF_OK) throw std::runtime_error(TF_Message(status_));
  }

 private:
  TF_Status* status_;
};

// An input or output of a running kernel.
class Value {
 public:
  explicit Value(TF_Tensor* tensor) : tensor_(tensor) {}
  Value(Value&& other) : tensor_(other.tensor_) { other.tensor_ = nullptr; }
  Value(const Value&) = delete;
  ~Value() {
    if (tensor_ != nullptr) TF_DeleteTensor(tensor_);
  }
  std::vector<int64_t> Shape() const {
    std::vector<int64_t> shape(TF_NumDims(tensor_));
    for (size_t i = 0; i < shape.size(); i++) shape[i] = TF_Dim(tensor_, static_cast<int>(i));
    return shape;
  }
  int64_t Count() const { return TF_TensorElementCount(tensor_); }
  template <class T>
  T* Data() const {
    return static_cast<T*>(TF_TensorData(tensor_));
  }

 private:
  TF_Tensor* tensor_;
};

class Context {
 public:
  explicit Context(TF_OpKernelContext* context) : context_(context) {}
  Value Input(int index) {
    TF_Tensor* tensor = nullptr;
    TF_GetInput(context_, index, &tensor, status_.get());
    status_.Check();
    return Value(tensor);
  }
  Value Output(int index, TF_DataType type, const std::vector<int64_t>& shape) {
    size_t bytes = TF_DataTypeSize(type);
    for (int64_t size : shape) bytes *= size;
    TF_Tensor* tensor = TF_AllocateOutput(context_, index, type, shape.data(), static_cast<int>(shape.size()),
                                          bytes, status_.get());
    status_.Check();
    return Value(tensor);
  }

 private:
  TF_OpKernelContext* context_;
  Status status_;
};

// Attributes of a node.
class Attributes {
 public:
  explicit Attributes(TF_OpKernelConstruction* construction) : construction_(construction) {}
  float Float(const char* name) {
    float value = 0;
    TF_OpKernelConstruction_GetAttrFloat(construction_, name, &value, status_.get());
    status_.Check();
    return value;
  }
  int64_t Integer(const char* name) {
    int64_t value = 0;
    TF_OpKernelConstruction_GetAttrInt64(construction_, name, &value, status_.get());
    status_.Check();
    return value;
  }

 private:
  TF_OpKernelConstruction* construction_;
  Status status_;
};

// A kernel is a class that is made from Attributes and whose Compute takes a Context; both may throw.
template <class Kernel>
void RegisterKernel(const char* operation, const std::vector<std::pair<const char*, TF_DataType>>& types) {
  Status status;
  TF_KernelBuilder* builder = TF_NewKernelBuilder(
      operation, "CPU",
      [](TF_OpKernelConstruction* construction) -> void* {
        try {
          Attributes attributes(construction);
          return new Kernel(attributes);
        } catch (const std::exception& error) {
          Status failure;
          TF_SetStatus(failure.get(), TF_INVALID_ARGUMENT, error.what());
          TF_OpKernelConstruction_Failure(construction, failure.get());
          return nullptr;
        }
      },
      [](void* kernel, TF_OpKernelContext* running) {
        try {
          Context context(running);
          static_cast<Kernel*>(kernel)->Compute(context);
        } catch (const std::exception& error) {
          Status failure;
          TF_SetStatus(failure.get(), TF_INVALID_ARGUMENT, error.what());
          TF_OpKernelContext_Failure(running, failure.get());
        }
      },
      [](void* kernel) { delete static_cast<Kernel*>(kernel); });
  for (const auto& [attribute, type] : types) {
    TF_KernelBuilder_TypeConstraint(builder, attribute, type, status.get());
    status.Check();
  }
  TF_RegisterKernelBuilder(operation, builder, status.get());
  status.Check();
}

struct OperationSpec {
  const char* name;
  std::vector<const char*> inputs, outputs, attributes;
};

inline void RegisterOperation(const OperationSpec& spec) {
  Status status;
  TF_OpDefinitionBuilder* builder = TF_NewOpDefinitionBuilder(spec.name);
  for (const char* input : spec.inputs) TF_OpDefinitionBuilderAddInput(builder, input);
  for (const char* output : spec.outputs) TF_OpDefinitionBuilderAddOutput(builder, output);
  for (const char* attribute : spec.attributes) TF_OpDefinitionBuilderAddAttr(builder, attribute);
  TF_OpDefinitionBuilderSetShapeInferenceFunction(builder, TF_ShapeInferenceContextSetUnknownShape);
  TF_RegisterOpDefinition(builder, status.get());
  status.Check();
}

}  // namespace synthmr
