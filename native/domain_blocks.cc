#include <array>
#include <string>

#include "domain.h"

namespace ballast {

namespace {

Record BlockInfo(virDomainPtr domain, const std::string& disk) {
  virDomainBlockInfo raw{};
  Checked<virDomainGetBlockInfo>(domain, disk.c_str(), &raw, 0U);
  return {{"capacityBytes", Number(raw.capacity)},
          {"allocationBytes", Number(raw.allocation)},
          {"physicalBytes", Number(raw.physical)}};
}

std::vector<Record> DiskErrors(virDomainPtr domain) {
  const int most = Checked<virDomainGetDiskErrors>(domain, nullptr, 0U, 0U);
  std::vector<virDomainDiskError> raw(static_cast<std::size_t>(most));
  if (raw.empty()) return {};
  const int count =
      Checked<virDomainGetDiskErrors>(domain, raw.data(), static_cast<unsigned>(most), 0U);
  std::vector<Record> errors;
  for (int i = 0; i < count; ++i) {
    const auto& error = raw[static_cast<std::size_t>(i)];
    errors.push_back({{"disk", TakeName(error.disk)}, {"error", Number(error.error)}});
  }
  return errors;
}

constexpr std::array kBlockMethods = {
    Custom<Domain>(
        "blockInfo",
        [](Args& args) {
          return
              [disk = args.String("disk")](virDomainPtr domain) { return BlockInfo(domain, disk); };
        },
        Order::kShare),
    Wrap<virDomainBlockStatsFlags>("blockStats", {"disk", "flags"}, Order::kShare),
    Wrap<virDomainBlockResize>("resizeBlock", {"disk", "size", "flags"}),
    Custom<Domain>("blockPeek",
                   [](Args& args) {
                     return [disk = args.String("disk"), offset = args.Count("offsetBytes"),
                             size = args.Size("sizeBytes")](virDomainPtr domain) {
                       Bytes bytes{std::vector<char>(size)};
                       Checked<virDomainBlockPeek>(domain, disk.c_str(), offset, size,
                                                   bytes.data.data(), 0U);
                       return bytes;
                     };
                   }),
    Wrap<virDomainGetBlockIoTune>("blockIoTune", {"disk", "flags"}),
    Wrap<virDomainSetBlockIoTune>("setBlockIoTune", {"disk", "parameters", "flags"}),
    Wrap<virDomainSetBlockThreshold>("setBlockThreshold", {"device", "thresholdBytes", "flags"}),
    Custom<Domain>("diskErrors", [](Args&) { return DiskErrors; }),
};

}  // namespace

DomainMethods BlockMethods() { return kBlockMethods; }

}  // namespace ballast
