#include <array>

#include "domain.h"
#include "util/newer.h"

namespace ballast {

namespace {

using AutostartOnce = int(virDomainPtr, int*);
using SetAutostartOnce = int(virDomainPtr, int);
using GraphicsReload = int(virDomainPtr, unsigned, unsigned);

constexpr std::array kLifecycleMethods = {
    Wrap<virDomainCreateWithFlags>("start", {"flags"}),
    Wrap<virDomainCreateWithFiles>("startWithFiles", {"files", "flags"}),
    Wrap<virDomainResume>("resume"),
    Wrap<virDomainSuspend>("suspend"),
    Wrap<virDomainShutdownFlags>("shutdown", {"flags"}),
    Wrap<virDomainReboot>("reboot", {"flags"}),
    Wrap<virDomainReset>("reset", {"flags"}),
    Wrap<virDomainDestroyFlags>("destroy", {"flags"}),
    Wrap<virDomainDestroyFlags>("destroyNow", {"flags"}, Order::kOvertake),
    Wrap<virDomainUndefineFlags>("undefine", {"flags"}),
    Wrap<virDomainPMSuspendForDuration>("pmSuspend", {"target", "durationSeconds", "flags"}),
    Wrap<virDomainPMWakeup>("pmWakeup", {"flags"}),
    Wrap<virDomainSetLifecycleAction>("setLifecycleAction", {"event", "action", "flags"}),
    Wrap<virDomainInjectNMI>("injectNmi", {"flags"}),
    Wrap<virDomainSendKey>("sendKey", {"codeset", "holdMs", "keycodes", "flags"}),
    Wrap<virDomainSendProcessSignal>("sendProcessSignal", {"pid", "signal", "flags"}),
    Wrap<virDomainFDAssociate>("associateFiles", {"name", "files", "flags"}),
    Wrap<virDomainOpenGraphicsFD, Gives::kNumber>("openGraphics", {"index", "flags"}),
    Custom<Domain>("connectGraphics",
                   [](Args& args) {
                     return [index = args.Uint("index"), file = args.File("file"),
                             flags = args.Uint("flags")](virDomainPtr domain) {
                       Checked<virDomainOpenGraphics>(domain, index, file.get(), flags);
                       return Nothing{};
                     };
                   }),
    Custom<Domain>("autostartOnce",
                   [](Args&) {
                     return [](virDomainPtr domain) {
                       int autostart = 0;
                       CheckedNewer<AutostartOnce>("virDomainGetAutostartOnce", domain, &autostart);
                       return Number(autostart);
                     };
                   }),
    Custom<Domain>("setAutostartOnce",
                   [](Args& args) {
                     return [autostart = args.Int("autostart")](virDomainPtr domain) {
                       CheckedNewer<SetAutostartOnce>("virDomainSetAutostartOnce", domain,
                                                      autostart);
                       return Nothing{};
                     };
                   }),
    Custom<Domain>("reloadGraphics",
                   [](Args& args) {
                     return [type = args.Uint("type"),
                             flags = args.Uint("flags")](virDomainPtr domain) {
                       CheckedNewer<GraphicsReload>("virDomainGraphicsReload", domain, type, flags);
                       return Nothing{};
                     };
                   }),
};

}  // namespace

DomainMethods LifecycleMethods() { return kLifecycleMethods; }

}  // namespace ballast
