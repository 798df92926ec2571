#pragma once

#include <sys/types.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <optional>

#include "answer.h"
#include "cgroup.h"
#include "request.h"
#include "runtime_api.h"
#include "runtime_environment.h"
#include "runtime_process.h"
#include "runtime_table.h"

namespace ballast {

// Takes a function that does nothing through its start and an invocation, in a process of its own
// that is gone afterwards. A processor in software has then translated what every start runs, and
// does it faster the second time. The runtime that waits for its function is not touched.
class Rehearsal {
 public:
  explicit Rehearsal(boost::asio::io_context& context);

  // Throws Failure `busy` while another rehearses, std::system_error where no process can start.
  void Begin(const RehearseRequest& request, const RuntimeEntry& runtime, Reply reply);

  // False where it is none of the rehearsal's processes.
  bool ChildExited(pid_t pid, int status);

 private:
  void Launch(const RuntimeEntry& runtime);
  void RuntimeIsHeld(RuntimeCall call);
  void RuntimeIsIdle();
  void Invoke();
  void Gone(const RuntimeExit& exit);

  Cgroup cgroup_;
  RuntimeApi api_;
  RuntimeProcess process_;
  boost::asio::steady_timer timer_;
  Environment environment_;
  std::optional<Reply> pending_;
  bool is_invoked_ = false;
  bool is_done_ = false;
};

}  // namespace ballast
