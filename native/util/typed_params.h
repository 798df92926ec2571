#pragma once

#include <libvirt/libvirt.h>

#include <utility>

#include "util/args.h"
#include "util/record.h"

namespace ballast {

// libvirt's typed parameters on their way in. JavaScript gives them as [field, type, value], the
// type by libvirt's number: drivers refuse a field of another type than theirs.
class TypedParams {
 public:
  TypedParams() = default;
  TypedParams(const TypedParams&) = delete;
  TypedParams& operator=(const TypedParams&) = delete;
  TypedParams(TypedParams&& other) noexcept { *this = std::move(other); }
  TypedParams& operator=(TypedParams&& other) noexcept {
    std::swap(items_, other.items_);
    std::swap(count_, other.count_);
    std::swap(capacity_, other.capacity_);
    return *this;
  }
  ~TypedParams() { virTypedParamsFree(items_, count_); }

  static TypedParams Read(Args& args, const char* name);

  [[nodiscard]] virTypedParameterPtr data() const { return items_; }
  [[nodiscard]] int size() const { return count_; }

 private:
  int Add(const char* field, int type, Args& item, const char* name);

  virTypedParameterPtr items_ = nullptr;
  int count_ = 0;
  int capacity_ = 0;
};

// On their way out. The text in them is copied, and stays the caller's to free.
Record ToRecord(const virTypedParameter* items, int count);

}  // namespace ballast
