#pragma once

#include <libvirt/libvirt.h>
#include <napi.h>

#include <array>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include "util/args.h"
#include "util/call_name.h"
#include "util/record.h"
#include "util/refs.h"
#include "util/slots.h"
#include "util/snapshot_refs.h"

// Methods of a handle, as tables. `Wrap<virDomainReset>("reset", {"flags"})` is all that a function
// needs whose parameters and result follow libvirt's habits; `Custom` takes the others.
namespace ballast {

class Connection;
class Domain;

// What a call does with the others of its domain that wait: it comes after those that were made
// before it, or passes them, or shares the answer of those next to it that are alike. The last is
// for what only reads.
enum class Order { kKeep, kOvertake, kShare };

template <class Handle>
struct Method {
  static constexpr std::size_t kMaxParameters = 8;

  const char* name;
  // What the arguments are called in errors; "?" ends the name of text that may be null.
  std::array<const char*, kMaxParameters> parameters;
  Napi::Value (*start)(Handle& handle, Args& args, const Method& method);
  Order order = Order::kKeep;
};

// What a number that a function returns means.
enum class Gives { kNothing, kBool, kNumber };

// How many typed parameters a function can give.
template <auto Function>
inline constexpr int kParamCapacity = kFewParams;
template <>
inline constexpr int kParamCapacity<virDomainGetBlockIoTune> = kSomeParams;
template <>
inline constexpr int kParamCapacity<virNodeGetMemoryParameters> = kManyParams;

// The object that a function's first parameter is, found from the handle that a method belongs to.
template <class Raw>
struct Target;

template <>
struct Target<virConnectPtr> {
  using Handle = Connection;
  void Read(Args&) {}
  virConnectPtr Find(virConnectPtr connection) { return connection; }
};

template <>
struct Target<virDomainPtr> {
  using Handle = Domain;
  void Read(Args&) {}
  virDomainPtr Find(virDomainPtr domain) { return domain; }
};

// Snapshots and checkpoints are known by name within their domain.
template <>
struct Target<virDomainSnapshotPtr> {
  using Handle = Domain;
  std::string name;
  OwnedSnapshot found = nullptr;
  void Read(Args& args) { name = args.String("name"); }
  virDomainSnapshotPtr Find(virDomainPtr domain) {
    found.reset(Checked<virDomainSnapshotLookupByName>(domain, name.c_str(), 0U));
    return found.get();
  }
};

template <>
struct Target<virDomainCheckpointPtr> {
  using Handle = Domain;
  std::string name;
  OwnedCheckpoint found = nullptr;
  void Read(Args& args) { name = args.String("name"); }
  virDomainCheckpointPtr Find(virDomainPtr domain) {
    found.reset(Checked<virDomainCheckpointLookupByName>(domain, name.c_str(), 0U));
    return found.get();
  }
};

// The slot of a parameter of type T between parameters of the types Before and After.
template <class Before, class T, class After>
constexpr auto SlotFor() {
  constexpr bool is_count = std::is_same_v<T, int> || std::is_same_v<T, unsigned>;
  constexpr bool after_list = std::is_same_v<Before, virTypedParameterPtr> ||
                              std::is_same_v<Before, const char**> ||
                              std::is_same_v<Before, unsigned char*> ||
                              (std::is_same_v<Before, unsigned*> && std::is_same_v<T, int>);
  constexpr bool after_out_params =
      std::is_same_v<Before, virTypedParameterPtr> || std::is_same_v<Before, virTypedParameterPtr*>;
  if constexpr (is_count && after_list) {
    return CountOf<T, -1>{};
  } else if constexpr (is_count && std::is_same_v<After, int*>) {
    return CountOf<T, 1>{};
  } else if constexpr (std::is_pointer_v<T> && after_out_params) {
    return OutCount{};
  } else if constexpr (std::is_same_v<T, virTypedParameterPtr>) {
    if constexpr (std::is_pointer_v<After>) {
      return OutParams{};
    } else {
      return GivenParams{};
    }
  } else if constexpr (std::is_same_v<T, virTypedParameterPtr*>) {
    return OutOwnedParams<std::remove_pointer_t<After>>{};
  } else if constexpr (std::is_same_v<T, char***> || std::is_same_v<T, virDomainSnapshotPtr**> ||
                       std::is_same_v<T, virDomainCheckpointPtr**>) {
    return OutList<std::remove_pointer_t<std::remove_pointer_t<T>>>{};
  } else if constexpr (std::is_same_v<T, const char**>) {
    return GivenStrings{};
  } else if constexpr (std::is_same_v<T, unsigned char*>) {
    return GivenCpuMap{};
  } else if constexpr (std::is_same_v<T, unsigned*>) {
    return GivenUints{};
  } else if constexpr (std::is_same_v<T, int*> && std::is_same_v<Before, unsigned>) {
    return GivenFiles{};
  } else if constexpr (std::is_pointer_v<T> && !std::is_same_v<T, const char*>) {
    return OutNumber<std::remove_pointer_t<T>>{};
  } else {
    return Given<T>{};
  }
}

// A call of one function: its arguments as JavaScript gave them, then the call itself.
template <auto Function>
class Invocation;

template <class Result, class Raw, class... P, Result (*Function)(Raw, P...)>
class Invocation<Function> {
 public:
  using Handle = typename Target<Raw>::Handle;

  void Read(Args& args, const char* const* names) {
    target_.Read(args);
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (ReadSlot(std::get<I>(slots_), args, names), ...);
    }(kIndices);
  }

  template <Gives Given, class HandleRaw>
  auto Run(HandleRaw raw) {
    Raw found = target_.Find(raw);
    const auto result = [&]<std::size_t... I>(std::index_sequence<I...>) {
      return Checked<Function>(found, Pass<I>()...);
    }(kIndices);
    if constexpr (kOutput < sizeof...(P)) {
      return std::get<kOutput>(slots_).Take(result);
    } else {
      return Convert<Given>(result);
    }
  }

 private:
  template <std::size_t I>
  using Type = std::tuple_element_t<I, std::tuple<void*, P..., void*>>;

  static constexpr auto kIndices = std::make_index_sequence<sizeof...(P)>{};

  static constexpr auto MakeSlots() {
    return []<std::size_t... I>(std::index_sequence<I...>) {
      return std::tuple<decltype(SlotFor<Type<I>, Type<I + 1>, Type<I + 2>>())...>{};
    }(kIndices);
  }
  using Slots = decltype(MakeSlots());

  template <class Slot>
  static constexpr bool kTakes = requires(Slot slot) { slot.Take(0); };

  // Where the output is; past the end when there is none.
  static constexpr std::size_t FindOutput() {
    return []<std::size_t... I>(std::index_sequence<I...>) {
      std::size_t found = sizeof...(P);
      ((kTakes<std::tuple_element_t<I, Slots>> ? (found = I, 0) : 0), ...);
      return found;
    }(kIndices);
  }

  template <class Slot>
  static void ReadSlot(Slot& slot, Args& args, const char* const*& names) {
    if constexpr (requires { slot.Read(args, *names); }) slot.Read(args, *names++);
  }

  template <std::size_t I>
  auto Pass() {
    auto& slot = std::get<I>(slots_);
    using Slot = std::remove_reference_t<decltype(slot)>;
    if constexpr (requires { Slot::kOffset; }) {
      return static_cast<typename Slot::Type>(std::get<I + Slot::kOffset>(slots_).size());
    } else if constexpr (std::is_same_v<Slot, OutCount>) {
      return &std::get<I - 1>(slots_).count;
    } else {
      if constexpr (std::is_same_v<Slot, OutParams>) slot.count = kParamCapacity<Function>;
      return slot.Pass();
    }
  }

  template <Gives Given>
  static auto Convert(Result result) {
    if constexpr (std::is_same_v<Result, virDomainPtr>) {
      return OwnedDomain(result);
    } else if constexpr (std::is_same_v<Result, const char*>) {
      return std::string(result);
    } else if constexpr (std::is_pointer_v<Result>) {
      return TakeName(result);
    } else if constexpr (Given == Gives::kBool) {
      return result == 1;
    } else if constexpr (Given == Gives::kNumber) {
      return Number(result);
    } else {
      return Nothing{};
    }
  }

  Target<Raw> target_;
  Slots slots_;
  static constexpr std::size_t kOutput = FindOutput();
};

template <auto Function, Gives Given, class Handle>
Napi::Value StartWrapped(Handle& handle, Args& args, const Method<Handle>& method) {
  Invocation<Function> invocation;
  invocation.Read(args, method.parameters.data());
  return handle.Call(
      args,
      [invocation = std::move(invocation)](auto raw) mutable {
        return invocation.template Run<Given>(raw);
      },
      method);
}

template <auto Function, Gives Given = Gives::kNothing>
constexpr auto Wrap(const char* name, std::initializer_list<const char*> parameters = {},
                    Order order = Order::kKeep) {
  using Handle = typename Invocation<Function>::Handle;
  Method<Handle> method{name, {}, StartWrapped<Function, Given, Handle>, order};
  std::size_t at = 0;
  for (const char* parameter : parameters) method.parameters.at(at++) = parameter;
  return method;
}

template <class Handle, class Read>
Napi::Value StartCustom(Handle& handle, Args& args, const Method<Handle>& method) {
  auto run = Read{}(args);
  return handle.Call(args, std::move(run), method);
}

// `read` is a lambda that reads the arguments and gives what is to run with the libvirt object.
template <class Handle, class Read>
constexpr Method<Handle> Custom(const char* name, Read, Order order = Order::kKeep) {
  return {name, {}, StartCustom<Handle, Read>, order};
}

}  // namespace ballast
