#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

#include "arguments.h"
#include "ram_file.h"

namespace {

// Where Debian has it. Nothing that the caller says can name another program.
constexpr const char* kQemu = "/usr/bin/qemu-system-x86_64";
constexpr const char* kPathVariable = "BALLAST_RAM_PATH";
constexpr const char* kShareVariable = "BALLAST_RAM_SHARE";

std::string Variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

void Execute(std::vector<std::string> arguments) {
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (std::string& argument : arguments) {
    argv.push_back(argument.data());
  }
  argv.push_back(nullptr);
  ::unsetenv(kPathVariable);
  ::unsetenv(kShareVariable);
  ::execv(kQemu, argv.data());
  throw std::runtime_error(std::string(kQemu) + " cannot be executed");
}

}  // namespace

int main(int argc, char** argv) {
  try {
    std::vector<std::string> arguments(argv, argv + argc);
    arguments.at(0) = kQemu;
    // libvirt also asks QEMU what it can do: then there is no guest, and no memory.
    if (std::getenv(kPathVariable) != nullptr || std::getenv(kShareVariable) != nullptr) {
      const auto ram = ballast::ParseRamFile(Variable(kPathVariable), Variable(kShareVariable));
      arguments = ballast::WithRamFile(std::move(arguments), ram);
    }
    Execute(std::move(arguments));
  } catch (const std::exception& error) {
    std::cerr << "ballast-qemu: " << error.what() << '\n';
  }
  return 1;
}
