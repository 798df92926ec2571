#include <array>
#include <string>

#include "domain.h"
#include "util/newer.h"

namespace ballast {

namespace {

using SetThrottleGroup = int(virDomainPtr, const char*, virTypedParameterPtr, int, unsigned);
using DeleteThrottleGroup = int(virDomainPtr, const char*, unsigned);

Value BlockJobInfo(virDomainPtr domain, const std::string& disk, unsigned flags) {
  virDomainBlockJobInfo raw{};
  const int found = Checked<virDomainGetBlockJobInfo>(domain, disk.c_str(), &raw, flags);
  if (found == 0) return nullptr;
  return Record{{"type", Number(raw.type)},
                {"bandwidth", Number(raw.bandwidth)},
                {"current", Number(raw.cur)},
                {"end", Number(raw.end)}};
}

constexpr std::array kBlockJobMethods = {
    Custom<Domain>("blockJobInfo",
                   [](Args& args) {
                     return [disk = args.String("disk"), flags = args.Uint("flags")](
                                virDomainPtr domain) { return BlockJobInfo(domain, disk, flags); };
                   }),
    Wrap<virDomainBlockJobAbort>("abortBlockJob", {"disk", "flags"}),
    Wrap<virDomainBlockJobSetSpeed>("setBlockJobSpeed", {"disk", "bandwidth", "flags"}),
    Wrap<virDomainBlockPull>("blockPull", {"disk", "bandwidth", "flags"}),
    Wrap<virDomainBlockRebase>("blockRebase", {"disk", "base?", "bandwidth", "flags"}),
    Wrap<virDomainBlockCommit>("blockCommit", {"disk", "base?", "top?", "bandwidth", "flags"}),
    Wrap<virDomainBlockCopy>("blockCopy", {"disk", "xml", "parameters", "flags"}),
    Custom<Domain>("setThrottleGroup",
                   [](Args& args) {
                     auto group = args.String("group");
                     auto params = TypedParams::Read(args, "parameters");
                     return [group = std::move(group), params = std::move(params),
                             flags = args.Uint("flags")](virDomainPtr domain) {
                       CheckedNewer<SetThrottleGroup>("virDomainSetThrottleGroup", domain,
                                                      group.c_str(), params.data(), params.size(),
                                                      flags);
                       return Nothing{};
                     };
                   }),
    Custom<Domain>("deleteThrottleGroup",
                   [](Args& args) {
                     auto group = args.String("group");
                     return [group = std::move(group),
                             flags = args.Uint("flags")](virDomainPtr domain) {
                       CheckedNewer<DeleteThrottleGroup>("virDomainDelThrottleGroup", domain,
                                                         group.c_str(), flags);
                       return Nothing{};
                     };
                   }),
};

}  // namespace

DomainMethods BlockJobMethods() { return kBlockJobMethods; }

}  // namespace ballast
