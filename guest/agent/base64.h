#pragma once

#include <string>
#include <string_view>

namespace ballast {

std::string Base64(std::string_view bytes);

}  // namespace ballast
