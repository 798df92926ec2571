#include "util/env_state.h"

#include "util/call_pool.h"

namespace ballast {

void EnvState::Install(Napi::Env env) {
  auto state = std::make_unique<EnvState>(env);
  // The environment deletes its instance data after its cleanup hooks have run.
  EnvState* installed = state.release();
  env.SetInstanceData(installed);
  env.AddCleanupHook([](EnvState* ending) { ending->End(); }, installed);
}

EnvState& EnvState::Of(Napi::Env env) { return *env.GetInstanceData<EnvState>(); }

void EnvState::End() {
  mailbox->Close();
  CallPool::Instance().DrainFor(mailbox.get());
}

}  // namespace ballast
