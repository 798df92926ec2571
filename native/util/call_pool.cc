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
  const std::lock_guard lock(mutex_);
  if (queued_ >= kMaxQueued) return false;
  ++queued_;
  if (strand != nullptr && std::exchange(strand->busy_, true)) {
    strand->waiting_.push_back(std::move(job));
    return true;
  }
  if (strand != nullptr) busy_strands_.push_back(strand);
  const Mailbox* owner = job->mailbox().get();
  Push({std::move(job), std::move(strand), nullptr, owner});
  return true;
}

void CallPool::Reap(const Mailbox* owner, std::function<void()> release) {
  const std::lock_guard lock(mutex_);
  Push({nullptr, nullptr, std::move(release), owner});
}

void CallPool::Push(Entry entry) {
  ready_.push_back(std::move(entry));
  if (idle_ < ready_.size() && threads_ < kMaxThreads) StartThread();
  ready_changed_.notify_one();
}

void CallPool::StartThread() {
  try {
    std::thread([this] { Work(); }).detach();
    ++threads_;
  } catch (const std::system_error&) {
    // The system is out of threads: what is queued waits for a running one, or for the next try.
  }
}

void CallPool::Promote(const std::shared_ptr<Strand>& strand) {
  if (!strand->waiting_.empty()) {
    auto next = std::move(strand->waiting_.front());
    strand->waiting_.pop_front();
    const Mailbox* owner = next->mailbox().get();
    Push({std::move(next), strand, nullptr, owner});
    return;
  }
  strand->busy_ = false;
  std::erase_if(busy_strands_, [&](const auto& busy) { return busy.lock() == strand; });
}

void CallPool::Work() {
  on_pool_thread = true;
  pthread_setname_np(pthread_self(), "ballast-libvirt");
  BlockSignals();
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    ready_changed_.wait(lock, [this] { return !ready_.empty(); });
    --idle_;
    Entry entry = std::move(ready_.front());
    ready_.pop_front();
    if (entry.job != nullptr) --queued_;
    running_.push_back(entry.owner);
    lock.unlock();
    Run(entry);
    lock.lock();
    running_.erase(std::find(running_.begin(), running_.end(), entry.owner));
    if (entry.strand != nullptr) Promote(entry.strand);
    finished_.notify_all();
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
  const std::lock_guard lock(mutex_);
  for (const auto& busy : busy_strands_) {
    const auto strand = busy.lock();
    if (strand == nullptr) continue;
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
  for (const auto& strand : freed) Promote(strand);
  queued_ -= taken.size();
  return taken;
}

bool CallPool::HasWorkOf(const Mailbox* owner) const {
  return std::find(running_.begin(), running_.end(), owner) != running_.end() ||
         std::any_of(ready_.begin(), ready_.end(),
                     [owner](const Entry& entry) { return entry.owner == owner; });
}

void CallPool::DrainFor(const Mailbox* owner) {
  TakeQueued([owner](const Job& job) { return job.mailbox().get() == owner; }).clear();
  std::unique_lock lock(mutex_);
  finished_.wait_for(lock, kDrainBound, [&] { return !HasWorkOf(owner); });
}

}  // namespace ballast
