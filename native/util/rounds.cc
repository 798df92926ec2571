#include "util/rounds.h"

#include <uv.h>

#include <memory>
#include <utility>

namespace ballast {

// An object of its own, as libuv closes handles later than it is asked to.
class Rounds::Libuv {
 public:
  static Libuv* New(Napi::Env env, Rounds& owner, std::function<void()> on_round) {
    auto made = std::make_unique<Libuv>(owner, std::move(on_round));
    uv_loop_t* loop = nullptr;
    if (napi_get_uv_event_loop(env, &loop) != napi_ok) return nullptr;
    if (napi_add_async_cleanup_hook(env, &Libuv::End, made.get(), &made->hook_) != napi_ok) {
      return nullptr;
    }
    uv_idle_init(loop, &made->idle_);
    uv_unref(made->handle());
    made->idle_.data = made.get();
    return made.release();
  }

  Libuv(Rounds& owner, std::function<void()> on_round)
      : owner_(owner), on_round_(std::move(on_round)) {}

  void Start() {
    uv_idle_start(&idle_, [](uv_idle_t* idle) { static_cast<Libuv*>(idle->data)->on_round_(); });
  }
  void Stop() { uv_idle_stop(&idle_); }
  [[nodiscard]] std::uint64_t Current() const {
    uv_metrics_t metrics{};
    uv_metrics_info(idle_.loop, &metrics);
    return metrics.loop_count;
  }

 private:
  static void End(napi_async_cleanup_hook_handle, void* data) {
    auto* ending = static_cast<Libuv*>(data);
    ending->owner_.libuv_ = nullptr;
    uv_close(ending->handle(), [](uv_handle_t* handle) {
      const std::unique_ptr<Libuv> closed(static_cast<Libuv*>(handle->data));
      napi_remove_async_cleanup_hook(closed->hook_);
    });
  }

  uv_handle_t* handle() { return reinterpret_cast<uv_handle_t*>(&idle_); }

  Rounds& owner_;
  std::function<void()> on_round_;
  uv_idle_t idle_{};
  napi_async_cleanup_hook_handle hook_ = nullptr;
};

Rounds::Rounds(Napi::Env env, std::function<void()> on_round)
    : libuv_(Libuv::New(env, *this, std::move(on_round))) {}

void Rounds::Start() {
  if (libuv_ != nullptr) libuv_->Start();
}

void Rounds::Stop() {
  if (libuv_ != nullptr) libuv_->Stop();
}

std::optional<std::uint64_t> Rounds::Current() const {
  if (libuv_ == nullptr) return std::nullopt;
  return libuv_->Current();
}

}  // namespace ballast
