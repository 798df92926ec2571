#include <array>

#include "domain.h"

namespace ballast {

namespace {

// Those that steer a migration overtake the call that runs it.
constexpr std::array kMigrationMethods = {
    Wrap<virDomainMigrateToURI3>("migrateToUri", {"uri?", "parameters", "flags"}),
    Wrap<virDomainMigrateGetMaxDowntime>("migrationMaxDowntimeMs", {"flags"}, Order::kOvertake),
    Wrap<virDomainMigrateSetMaxDowntime>("setMigrationMaxDowntime", {"downtimeMs", "flags"},
                                         Order::kOvertake),
    Wrap<virDomainMigrateGetMaxSpeed>("migrationMaxSpeedMib", {"flags"}, Order::kOvertake),
    Wrap<virDomainMigrateSetMaxSpeed>("setMigrationMaxSpeed", {"speedMib", "flags"},
                                      Order::kOvertake),
    Wrap<virDomainMigrateGetCompressionCache>("migrationCacheBytes", {"flags"}, Order::kOvertake),
    Wrap<virDomainMigrateSetCompressionCache>("setMigrationCache", {"sizeBytes", "flags"},
                                              Order::kOvertake),
    Wrap<virDomainMigrateStartPostCopy>("startPostCopy", {"flags"}, Order::kOvertake),
};

}  // namespace

DomainMethods MigrationMethods() { return kMigrationMethods; }

}  // namespace ballast
