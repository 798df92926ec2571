#include "util/call_pool.h"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <system_error>
#include <thread>
#include <utility>

namespace ballast {

namespace {

// How long the end of an environment waits for its calls. libvirt may not be torn down by the end
// of the process while a call is inside it; a call that hangs may not hold up that end either.
constexpr auto kDrainBound = std::chrono::seconds(2);

// How long a thread without work looks for more before it sleeps: as long as it may take until a
// result has woken JavaScript and that has made the next call, which is longest where the
// processors went to sleep during the call.
constexpr auto kLookAround = std::chrono::microseconds(150);

thread_local bool on_pool_thread = false;

// Signals are Node's business: a handler on a pool thread would interrupt libvirt's system calls.
void BlockSignals() {
  sigset_t signals;
  sigfillset(&signals);
  for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP}) {
    sigdelset(&signals, fault);
  }
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

}  // namespace

CallPool& CallPool::Instance() {
  static auto* const pool = new CallPool();
  return *pool;
}

bool CallPool::OnPoolThread() { return on_pool_thread; }

bool CallPool::Submit(std::unique_ptr<Job>& job, std::shared_ptr<Strand> strand) {
  std::unique_lock lock(mutex_);
  if (queued_ >= kMaxQueued) return false;
  ++queued_;
  if (strand != nullptr && strand->busy_at_ != Strand::kIdle) {
    strand->waiting_.push_back(std::move(job));
    return true;
  }
  if (strand != nullptr) Occupy(strand);
  const Mailbox* owner = job->mailbox().get();
  Push({std::move(job), std::move(strand), nullptr, owner});
  CallThread(lock);
  return true;
}

void CallPool::Reap(const Mailbox* owner, std::function<void()> release) {
  std::unique_lock lock(mutex_);
  Push({nullptr, nullptr, std::move(release), owner});
  CallThread(lock);
}

void CallPool::Push(Entry entry) {
  without_work_.End();
  ready_.push_back(std::move(entry));
  ready_count_.store(ready_.size(), std::memory_order_relaxed);
}

void CallPool::CallThread(std::unique_lock<std::mutex>& lock) {
  const bool needed = !ready_.empty() && !called_ && !looking_;
  const bool wakes = needed && idle_ > 0;
  if (wakes) {
    called_ = true;
  } else if (needed && threads_ < kMaxThreads) {
    called_ = StartThread();
  }
  lock.unlock();
  // Not before: it would wait for the mutex at once.
  if (wakes) ready_changed_.notify_one();
}

bool CallPool::StartThread() {
  try {
    std::thread([this] { Work(); }).detach();
    ++threads_;
    return true;
  } catch (const std::system_error&) {
    // The system is out of threads: what is queued waits for a running one, or for the next try.
    return false;
  }
}

void CallPool::Occupy(const std::shared_ptr<Strand>& strand) {
  strand->busy_at_ = busy_strands_.size();
  busy_strands_.push_back(strand);
}

void CallPool::Promote(const std::shared_ptr<Strand>& strand) {
  if (!strand->waiting_.empty()) {
    auto next = std::move(strand->waiting_.front());
    strand->waiting_.pop_front();
    const Mailbox* owner = next->mailbox().get();
    Push({std::move(next), strand, nullptr, owner});
    return;
  }
  // The last one takes its place.
  const std::size_t at = std::exchange(strand->busy_at_, Strand::kIdle);
  std::swap(busy_strands_[at], busy_strands_.back());
  if (busy_strands_.size() > at + 1) busy_strands_[at]->busy_at_ = at;
  busy_strands_.pop_back();
}

void CallPool::Work() {
  on_pool_thread = true;
  pthread_setname_np(pthread_self(), "ballast-libvirt");
  BlockSignals();
  std::unique_lock lock(mutex_);
  called_ = false;
  for (;;) {
    AwaitWork(lock);
    Entry entry = Take();
    running_.push_back(entry.owner);
    // What is left is for another, before this one may block.
    CallThread(lock);
    Run(entry);
    lock.lock();
    running_.erase(std::ranges::find(running_, entry.owner));
    if (entry.strand != nullptr) Promote(entry.strand);
    finished_.notify_all();
  }
}

void CallPool::AwaitWork(std::unique_lock<std::mutex>& lock) {
  // With one processor it would keep JavaScript from making the call that it looks for.
  static const bool may_look = std::thread::hardware_concurrency() > 1;
  if (!ready_.empty()) return;
  // While other calls run, a result is not what the next one waits for: looking would only take the
  // processor from those, and their next calls from the threads that have them.
  const bool is_last = running_.empty() && !looking_;
  if (is_last) {
    const auto since = without_work_.Begin();
    if (may_look && without_work_.Suffices(kLookAround)) LookAround(lock, since + kLookAround);
  }
  while (ready_.empty()) {
    ++idle_;
    ready_changed_.wait(lock);
    --idle_;
    called_ = false;
  }
}

void CallPool::LookAround(std::unique_lock<std::mutex>& lock, Patience::Clock::time_point until) {
  looking_ = true;
  lock.unlock();
  while (ready_count_.load(std::memory_order_relaxed) == 0 && Patience::Clock::now() < until) {
    __builtin_ia32_pause();
  }
  lock.lock();
  looking_ = false;
}

CallPool::Entry CallPool::Take() {
  Entry entry = std::move(ready_.front());
  ready_.pop_front();
  ready_count_.store(ready_.size(), std::memory_order_relaxed);
  if (entry.job != nullptr) --queued_;
  if (entry.strand != nullptr && !entry.job->reads().empty()) TakeAlike(entry);
  return entry;
}

void CallPool::TakeAlike(Entry& entry) {
  auto& waiting = entry.strand->waiting_;
  while (!waiting.empty() && waiting.front()->reads() == entry.job->reads()) {
    entry.job->ShareWith(std::move(waiting.front()));
    waiting.pop_front();
    --queued_;
  }
}

void CallPool::Run(Entry& entry) {
  if (entry.job != nullptr) {
    entry.job->Execute();
    const auto mailbox = entry.job->mailbox();
    mailbox->Post(std::move(entry.job));
    return;
  }
  entry.release();
  entry.release = nullptr;
}

std::unique_ptr<Job> CallPool::Withdraw(const Job* job) {
  auto taken = TakeQueued([job](const Job& queued) { return &queued == job; });
  return taken.empty() ? nullptr : std::move(taken.front());
}

std::vector<std::unique_ptr<Job>> CallPool::TakeQueued(
    const std::function<bool(const Job&)>& match) {
  std::vector<std::unique_ptr<Job>> taken;
  std::unique_lock lock(mutex_);
  for (const auto& strand : busy_strands_) {
    auto& waiting = strand->waiting_;
    for (auto& job : waiting) {
      if (match(*job)) taken.push_back(std::move(job));
    }
    std::erase(waiting, nullptr);
  }
  std::vector<std::shared_ptr<Strand>> freed;
  for (auto& entry : ready_) {
    if (entry.job == nullptr || !match(*entry.job)) continue;
    taken.push_back(std::move(entry.job));
    if (entry.strand != nullptr) freed.push_back(entry.strand);
  }
  std::erase_if(ready_, [](const Entry& entry) { return !entry.job && !entry.release; });
  ready_count_.store(ready_.size(), std::memory_order_relaxed);
  for (const auto& strand : freed) Promote(strand);
  queued_ -= taken.size();
  CallThread(lock);
  return taken;
}

bool CallPool::HasWorkOf(const Mailbox* owner) const {
  return std::ranges::find(running_, owner) != running_.end() ||
         std::ranges::any_of(ready_, [owner](const Entry& entry) { return entry.owner == owner; });
}

void CallPool::DrainFor(const Mailbox* owner) {
  TakeQueued([owner](const Job& job) { return job.mailbox().get() == owner; }).clear();
  std::unique_lock lock(mutex_);
  finished_.wait_for(lock, kDrainBound, [&] { return !HasWorkOf(owner); });
}

}  // namespace ballast
