#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "util/failure.h"

namespace ballast {

// The name of a C function of libvirt's, from what the compiler calls this instantiation: g++ says
// "... [with auto Function = virDomainReset]", clang "... [Function = &virDomainReset]".
template <auto Function>
struct CallName {
 private:
  static constexpr auto Find() {
    constexpr std::string_view text = __PRETTY_FUNCTION__;
    constexpr auto begin = text.find("= ") + (text.find("= &") == std::string_view::npos ? 2 : 3);
    constexpr auto length = text.find_first_of(";]", begin) - begin;
    std::array<char, length + 1> name{};
    for (std::size_t i = 0; i < length; ++i) name.at(i) = text.at(begin + i);
    return name;
  }
  static constexpr auto kText = Find();

 public:
  static constexpr const char* kValue = kText.data();
};

// Calls a function of libvirt's; its failure is thrown with its name.
template <auto Function, class... A>
auto Checked(A&&... args) {
  return Check(CallName<Function>::kValue, Function(std::forward<A>(args)...));
}

}  // namespace ballast
