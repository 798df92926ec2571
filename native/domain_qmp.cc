#include <libvirt/libvirt-qemu.h>

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "domain.h"
#include "util/unique_fd.h"

namespace ballast {

namespace {

// What the monitor answered, and the files that came with the answer.
struct MonitorReply {
  std::string text;
  std::vector<UniqueFd> files;
};

MonitorReply CommandWithFiles(virDomainPtr domain, const std::string& command,
                              const std::vector<UniqueFd>& files) {
  std::vector<int> given;
  given.reserve(files.size());
  for (const auto& file : files) given.push_back(file.get());
  unsigned received = 0;
  int* raw_files = nullptr;
  char* raw_text = nullptr;
  const int status = virDomainQemuMonitorCommandWithFiles(
      domain, command.c_str(), static_cast<unsigned>(given.size()), given.data(), &received,
      &raw_files, &raw_text, 0);
  const std::unique_ptr<int, FreeDeleter> owned_files(raw_files);
  const CString text(raw_text);
  MonitorReply reply;
  for (unsigned i = 0; i < received; ++i) reply.files.emplace_back(raw_files[i]);
  Check("virDomainQemuMonitorCommandWithFiles", status);
  reply.text = text.get();
  return reply;
}

Napi::Value ToJs(Napi::Env env, MonitorReply& reply) {
  auto files = Napi::Array::New(env, reply.files.size());
  auto object = Napi::Object::New(env);
  object.Set("text", Napi::String::New(env, reply.text));
  object.Set("files", files);
  // From here on the descriptors are JavaScript's to close.
  std::uint32_t index = 0;
  for (auto& file : reply.files) files[index++] = Napi::Number::New(env, file.Release());
  return object;
}

std::string Command(virDomainPtr domain, const std::string& command) {
  char* reply = nullptr;
  const int status = virDomainQemuMonitorCommand(domain, command.c_str(), &reply, 0);
  const CString owned(reply);
  Check("virDomainQemuMonitorCommand", status);
  return owned.get();
}

constexpr auto kRunCommand = [](Args& args) {
  return
      [command = args.String("command")](virDomainPtr domain) { return Command(domain, command); };
};

constexpr std::array kQmpMethods = {
    Custom<Domain>("monitorCommand", kRunCommand),
    // For a command that only reads.
    Custom<Domain>("monitorQuery", kRunCommand, Order::kShare),
    Custom<Domain>("monitorCommandWithFiles",
                   [](Args& args) {
                     return [command = args.String("command"),
                             files = args.Files("files")](virDomainPtr domain) {
                       return CommandWithFiles(domain, command, files);
                     };
                   }),
};

}  // namespace

DomainMethods QmpMethods() { return kQmpMethods; }

}  // namespace ballast
