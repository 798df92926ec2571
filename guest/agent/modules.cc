#include "modules.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <sstream>

#include "posix.h"

namespace ballast {

void LoadModules(const std::string& directory) {
  std::istringstream list(ReadFile(directory + "/modules.list"));
  std::string name;
  while (std::getline(list, name)) {
    std::string path = directory;
    path.append("/").append(name);
    const UniqueFd fd = Open(path, O_RDONLY);
    if (::syscall(SYS_finit_module, fd.get(), "", 0) != 0 && errno != EEXIST) {
      Log("cannot load the module " + path + ": " + std::strerror(errno));
    }
  }
}

}  // namespace ballast
