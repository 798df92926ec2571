#include <array>
#include <memory>
#include <string>
#include <vector>

#include "connection.h"
#include "util/cpu_map.h"

namespace ballast {

namespace {

Record NodeInfo(virConnectPtr connection) {
  virNodeInfo raw{};
  Checked<virNodeGetInfo>(connection, &raw);
  return {{"model", std::string(static_cast<const char*>(raw.model))},
          {"memoryKib", Number(raw.memory)},
          {"cpus", Number(raw.cpus)},
          {"mhz", Number(raw.mhz)},
          {"nodes", Number(raw.nodes)},
          {"sockets", Number(raw.sockets)},
          {"cores", Number(raw.cores)},
          {"threads", Number(raw.threads)}};
}

// virNodeGetMemoryStats and virNodeGetCPUStats: named numbers, of which libvirt first tells how
// many there are.
template <auto Function, class Item>
Record NamedNumbers(virConnectPtr connection, int which) {
  int count = 0;
  Checked<Function>(connection, which, nullptr, &count, 0U);
  std::vector<Item> items(static_cast<std::size_t>(count));
  Checked<Function>(connection, which, items.data(), &count, 0U);
  Record record;
  for (int i = 0; i < count; ++i) {
    const auto& item = items[static_cast<std::size_t>(i)];
    record.emplace_back(std::string(static_cast<const char*>(item.field)), Number(item.value));
  }
  return record;
}

double FreeMemory(virConnectPtr connection) {
  const unsigned long long free_bytes = virNodeGetFreeMemory(connection);
  if (free_bytes == 0) throw Failure::LastOf("virNodeGetFreeMemory");
  return Number(free_bytes);
}

Numbers CellsFreeMemory(virConnectPtr connection, int first, unsigned count) {
  std::vector<unsigned long long> raw(count);
  const int filled =
      Checked<virNodeGetCellsFreeMemory>(connection, raw.data(), first, static_cast<int>(count));
  Numbers cells;
  for (int i = 0; i < filled; ++i) cells.push_back(Number(raw[static_cast<std::size_t>(i)]));
  return cells;
}

// For each NUMA cell, how many pages of each size are free.
std::vector<Numbers> FreePages(virConnectPtr connection, std::vector<unsigned> sizes_kib, int first,
                               unsigned count) {
  std::vector<unsigned long long> raw(sizes_kib.size() * count);
  const int filled =
      Checked<virNodeGetFreePages>(connection, static_cast<unsigned>(sizes_kib.size()),
                                   sizes_kib.data(), first, count, raw.data(), 0U);
  std::vector<Numbers> cells;
  for (std::size_t at = 0; at + sizes_kib.size() <= static_cast<std::size_t>(filled);) {
    Numbers& cell = cells.emplace_back();
    for (std::size_t i = 0; i < sizes_kib.size(); ++i) cell.push_back(Number(raw[at++]));
  }
  return cells;
}

Record CpuMap(virConnectPtr connection) {
  unsigned char* raw = nullptr;
  unsigned online = 0;
  const int cpus = Checked<virNodeGetCPUMap>(connection, &raw, &online, 0U);
  const std::unique_ptr<unsigned char, FreeDeleter> map(raw);
  return {{"cpus", Number(cpus)}, {"online", CpusOf(raw, (cpus + 7) / 8)}};
}

Record SecurityModel(virConnectPtr connection) {
  virSecurityModel raw{};
  Checked<virNodeGetSecurityModel>(connection, &raw);
  return {{"model", std::string(static_cast<const char*>(raw.model))},
          {"doi", std::string(static_cast<const char*>(raw.doi))}};
}

constexpr std::array kNodeMethods = {
    Custom<Connection>("nodeInfo", [](Args&) { return NodeInfo; }),
    Custom<Connection>("nodeMemoryStats",
                       [](Args& args) {
                         return [cell = args.Int("cell")](virConnectPtr connection) {
                           return NamedNumbers<virNodeGetMemoryStats, virNodeMemoryStats>(
                               connection, cell);
                         };
                       }),
    Custom<Connection>("nodeCpuStats",
                       [](Args& args) {
                         return [cpu = args.Int("cpu")](virConnectPtr connection) {
                           return NamedNumbers<virNodeGetCPUStats, virNodeCPUStats>(connection,
                                                                                    cpu);
                         };
                       }),
    Custom<Connection>("nodeFreeMemory", [](Args&) { return FreeMemory; }),
    Custom<Connection>("cellsFreeMemory",
                       [](Args& args) {
                         return [first = args.Int("first"),
                                 count = args.Cells("count")](virConnectPtr connection) {
                           return CellsFreeMemory(connection, first, count);
                         };
                       }),
    Custom<Connection>("freePages",
                       [](Args& args) {
                         return [sizes_kib = args.Uints("sizesKib"), first = args.Int("first"),
                                 count = args.Cells("count")](virConnectPtr connection) {
                           return FreePages(connection, sizes_kib, first, count);
                         };
                       }),
    Custom<Connection>("allocatePages",
                       [](Args& args) {
                         return [size_kib = args.Uint("sizeKib"), pages = args.Count("pages"),
                                 first = args.Int("first"), count = args.Uint("count"),
                                 flags = args.Uint("flags")](virConnectPtr connection) mutable {
                           unsigned long long wanted = pages;
                           return Number(Checked<virNodeAllocPages>(connection, 1U, &size_kib,
                                                                    &wanted, first, count, flags));
                         };
                       }),
    Custom<Connection>("cpuMap", [](Args&) { return CpuMap; }),
    Custom<Connection>("securityModel", [](Args&) { return SecurityModel; }),
    Wrap<virNodeGetSEVInfo>("sevInfo", {"flags"}),
    Wrap<virNodeGetMemoryParameters>("nodeMemoryParameters", {"flags"}),
    Wrap<virNodeSetMemoryParameters>("setNodeMemoryParameters", {"parameters", "flags"}),
    Wrap<virNodeSuspendForDuration>("suspendNode", {"target", "durationSeconds", "flags"}),
};

}  // namespace

ConnectionMethods NodeMethods() { return kNodeMethods; }

}  // namespace ballast
