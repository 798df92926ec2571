#pragma once

#include <string>

namespace ballast {

// Brings the guest from the kernel's hands to a root in which functions can run.
void BootMachine();

// Says why on the console and switches the machine off. For when it truly cannot go on.
[[noreturn]] void PowerOff(const std::string& why);

}  // namespace ballast
