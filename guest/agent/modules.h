#pragma once

#include <string>

namespace ballast {

// Loads the kernel modules that `directory`/modules.list names, one file a line, in its order. The
// image builder writes the list from the modules' real dependencies. A module that does not load is
// logged and skipped: what it was needed for will say so better.
void LoadModules(const std::string& directory);

}  // namespace ballast
