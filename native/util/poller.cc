#include "util/poller.h"

#include <uv.h>

#include <memory>
#include <thread>

namespace ballast {

// The event loop goes round without sleeping while an idle handle of libuv's is active. libuv
// closes handles later than it is asked to, so this one is an object of its own.
class Poller::Spin {
 public:
  // Null where the environment has no event loop of libuv's, or ends.
  static Spin* New(Napi::Env env, Poller& poller) {
    auto spin = std::make_unique<Spin>(poller);
    uv_loop_t* loop = nullptr;
    if (napi_get_uv_event_loop(env, &loop) != napi_ok) return nullptr;
    if (napi_add_async_cleanup_hook(env, &Spin::End, spin.get(), &spin->hook_) != napi_ok) {
      return nullptr;
    }
    uv_idle_init(loop, &spin->idle_);
    // Looking for a result is no reason for the process to live; the call that it is for is one.
    uv_unref(spin->handle());
    spin->idle_.data = spin.get();
    return spin.release();
  }

  explicit Spin(Poller& poller) : poller_(poller) {}

  void GoUntil(Patience::Clock::time_point until) {
    until_ = until;
    uv_idle_start(&idle_, &Spin::OnRound);
  }
  void Stop() { uv_idle_stop(&idle_); }

 private:
  static void OnRound(uv_idle_t* idle) {
    auto* spin = static_cast<Spin*>(idle->data);
    if (Patience::Clock::now() >= spin->until_) spin->Stop();
    // The call may need this very processor.
    std::this_thread::yield();
  }

  static void End(napi_async_cleanup_hook_handle, void* data) {
    auto* spin = static_cast<Spin*>(data);
    spin->poller_.spin_ = nullptr;
    uv_close(spin->handle(), [](uv_handle_t* handle) {
      const std::unique_ptr<Spin> closed(static_cast<Spin*>(handle->data));
      napi_remove_async_cleanup_hook(closed->hook_);
    });
  }

  uv_handle_t* handle() { return reinterpret_cast<uv_handle_t*>(&idle_); }

  Poller& poller_;
  uv_idle_t idle_{};
  napi_async_cleanup_hook_handle hook_ = nullptr;
  Patience::Clock::time_point until_;
};

Poller::Poller(Napi::Env env) : spin_(Spin::New(env, *this)) {}

void Poller::Began(Patience::Clock::duration limit) {
  if (++out_ > 1) {
    Stop();
    for_result_.Drop();
    return;
  }
  const auto now = Patience::Clock::now();
  for_result_.Begin(now);
  if (limit > limit.zero() && for_result_.Suffices(limit) && spin_ != nullptr) {
    spin_->GoUntil(now + limit);
  }
}

void Poller::Ended() {
  --out_;
  for_result_.End(Patience::Clock::now());
  Stop();
}

void Poller::Stop() {
  if (spin_ != nullptr) spin_->Stop();
}

}  // namespace ballast
