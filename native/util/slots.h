#pragma once

#include <libvirt/libvirt.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "util/args.h"
#include "util/record.h"
#include "util/refs.h"
#include "util/typed_params.h"
#include "util/unique_fd.h"

// What stands in the place of each parameter of a C function of libvirt's. A slot that is given
// reads itself from the arguments; a count takes its number from the list beside it; an output
// becomes the result of the call. method.h chooses them by the types of the parameters.
namespace ballast {

// libvirt's daemon refuses a caller with room for more typed parameters than a function can have.
inline constexpr int kFewParams = 16;
inline constexpr int kSomeParams = 32;
inline constexpr int kManyParams = 64;

template <class T>
struct Given {
  T value;
  void Read(Args& args, const char* name) {
    if constexpr (std::is_same_v<T, unsigned>) {
      value = args.Uint(name);
    } else if constexpr (std::is_same_v<T, int>) {
      value = args.Int(name);
    } else if constexpr (std::is_signed_v<T>) {
      value = static_cast<T>(args.Long(name));
    } else {
      value = static_cast<T>(args.Count(name));
    }
  }
  T Pass() { return value; }
};

// Text. A name that ends in "?" may be null.
template <>
struct Given<const char*> {
  std::optional<std::string> value;
  void Read(Args& args, const char* name) {
    std::string shown = name;
    const bool optional = shown.back() == '?';
    if (optional) shown.pop_back();
    value = optional ? args.OptionalString(shown.c_str()) : args.String(shown.c_str());
  }
  const char* Pass() { return value ? value->c_str() : nullptr; }
};

struct GivenParams {
  TypedParams value;
  void Read(Args& args, const char* name) { value = TypedParams::Read(args, name); }
  virTypedParameterPtr Pass() { return value.data(); }
  [[nodiscard]] std::size_t size() const { return static_cast<std::size_t>(value.size()); }
};

struct GivenStrings {
  std::vector<std::string> value;
  std::vector<const char*> pointers;
  void Read(Args& args, const char* name) { value = args.Strings(name); }
  const char** Pass() {
    for (const auto& text : value) pointers.push_back(text.c_str());
    return pointers.data();
  }
  [[nodiscard]] std::size_t size() const { return value.size(); }
};

struct GivenCpuMap {
  std::vector<unsigned char> value;
  void Read(Args& args, const char* name) { value = args.CpuMap(name); }
  unsigned char* Pass() { return value.data(); }
  [[nodiscard]] std::size_t size() const { return value.size(); }
};

struct GivenUints {
  std::vector<unsigned> value;
  void Read(Args& args, const char* name) { value = args.Uints(name); }
  unsigned* Pass() { return value.data(); }
  [[nodiscard]] std::size_t size() const { return value.size(); }
};

struct GivenFiles {
  std::vector<UniqueFd> value;
  std::vector<int> numbers;
  void Read(Args& args, const char* name) { value = args.Files(name); }
  int* Pass() {
    for (const auto& file : value) numbers.push_back(file.get());
    return numbers.data();
  }
  [[nodiscard]] std::size_t size() const { return value.size(); }
};

// How long the list beside it is; `Offset` says on which side.
template <class T, int Offset>
struct CountOf {
  static constexpr int kOffset = Offset;
  using Type = T;
};

template <class T>
struct OutNumber {
  T value{};
  T* Pass() { return &value; }
  double Take(int) { return Number(value); }
};

// Typed parameters in an array that the caller brings.
struct OutParams {
  std::array<virTypedParameter, kManyParams> items{};
  int count = kFewParams;
  virTypedParameterPtr Pass() { return items.data(); }
  Record Take(int) {
    Record record = ToRecord(items.data(), count);
    virTypedParamsClear(items.data(), count);
    return record;
  }
};

// Typed parameters in an array that libvirt brings.
template <class Count>
struct OutOwnedParams {
  virTypedParameterPtr items = nullptr;
  Count count = 0;
  virTypedParameterPtr* Pass() { return &items; }
  Record Take(int) {
    Record record = ToRecord(items, static_cast<int>(count));
    virTypedParamsFree(items, static_cast<int>(count));
    return record;
  }
};

// The count of the typed parameters before it.
struct OutCount {};

// The text, or the name of the object, which is freed.
std::string TakeName(char* text);
std::string TakeName(virDomainSnapshotPtr snapshot);
std::string TakeName(virDomainCheckpointPtr checkpoint);

// A list of strings, or of objects that have names; the function returns how many.
template <class T>
struct OutList {
  T* items = nullptr;
  T** Pass() { return &items; }
  Strings Take(int count) {
    const std::unique_ptr<T, FreeDeleter> array(items);
    Strings names;
    for (int i = 0; i < count; ++i) names.push_back(TakeName(items[i]));
    return names;
  }
};

}  // namespace ballast
