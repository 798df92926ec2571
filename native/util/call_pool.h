#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "util/mailbox.h"
#include "util/patience.h"

namespace ballast {

// One blocking call: executed on a pool thread, then delivered on the JavaScript thread it is for.
class Job : public Delivery {
 public:
  explicit Job(std::shared_ptr<Mailbox> mailbox) : mailbox_(std::move(mailbox)) {}

  virtual void Execute() noexcept = 0;
  [[nodiscard]] const std::shared_ptr<Mailbox>& mailbox() const { return mailbox_; }

  // What it reads, where others that read the same may get the answer to it; else empty.
  [[nodiscard]] const std::string& reads() const { return reads_; }
  // Gives another what this one reads. Both are of one strand, and so for one mailbox.
  void ShareWith(std::unique_ptr<Job> other) { sharers_.push_back(std::move(other)); }

 protected:
  void SetReads(std::string reads) { reads_ = std::move(reads); }
  [[nodiscard]] const std::vector<std::unique_ptr<Job>>& sharers() const { return sharers_; }

 private:
  std::shared_ptr<Mailbox> mailbox_;
  std::string reads_;
  std::vector<std::unique_ptr<Job>> sharers_;
};

class CallPool;

// Jobs of one strand run one after the other, in the order in which they were submitted. Those that
// wait next to one another and read the same run as one: each was made before the answer was, and
// nothing came between them. There is one strand per libvirt domain and connection. Its members
// belong to the pool's mutex.
class Strand {
 private:
  friend class CallPool;
  static constexpr std::size_t kIdle = static_cast<std::size_t>(-1);
  std::deque<std::unique_ptr<Job>> waiting_;
  // Its place among the busy strands.
  std::size_t busy_at_ = kIdle;
};

// The threads on which libvirt is called, shared by all environments of the process. libuv's own
// four threads serve files and DNS, and a libvirt call can take seconds.
//
// A call crosses two threads, and to wake one takes longer than many a call. So at most one thread
// is woken at a time, and wakes the next when it leaves work behind; and for a moment the last
// thread that runs out of work looks for more before it sleeps, which spares a loop of calls the
// wake-up. It does so only where the last time a call came that soon: one that polls now and then
// would have a thread look in vain each time.
//
// The pool is never destroyed: a call that hangs in libvirt must not hold up the end of the
// process.
class CallPool {
 public:
  static constexpr std::size_t kMaxThreads = 32;
  static constexpr std::size_t kMaxQueued = 16384;

  static CallPool& Instance();
  static bool OnPoolThread();

  // Queues a job and takes it; leaves it and says false when kMaxQueued jobs wait already. Without
  // a strand the job keeps no order with others.
  bool Submit(std::unique_ptr<Job>& job, std::shared_ptr<Strand> strand);

  // Queues the release of a native resource. Never refused: what can be released was admitted once.
  // `owner` is the environment that DrainFor will wait for.
  void Reap(const Mailbox* owner, std::function<void()> release);

  // Takes a job that has not started back out of the queue; null when it runs or has run.
  std::unique_ptr<Job> Withdraw(const Job* job);

  // Drops what an environment has queued, and waits, for a bounded time, for what it has running.
  void DrainFor(const Mailbox* owner);

 private:
  struct Entry {
    std::unique_ptr<Job> job;
    std::shared_ptr<Strand> strand;
    std::function<void()> release;
    const Mailbox* owner = nullptr;
  };

  CallPool() = default;
  void Push(Entry entry);
  // Sees to it that a thread comes for what is ready, and unlocks.
  void CallThread(std::unique_lock<std::mutex>& lock);
  bool StartThread();
  void Occupy(const std::shared_ptr<Strand>& strand);
  void Promote(const std::shared_ptr<Strand>& strand);
  void Work();
  void AwaitWork(std::unique_lock<std::mutex>& lock);
  void LookAround(std::unique_lock<std::mutex>& lock, Patience::Clock::time_point until);
  Entry Take();
  void TakeAlike(Entry& entry);
  void Run(Entry& entry);
  std::vector<std::unique_ptr<Job>> TakeQueued(const std::function<bool(const Job&)>& match);
  [[nodiscard]] bool HasWorkOf(const Mailbox* owner) const;

  std::mutex mutex_;
  std::condition_variable ready_changed_;
  std::condition_variable finished_;
  std::deque<Entry> ready_;
  // How many entries are ready, for the thread that looks around without the mutex.
  std::atomic<std::size_t> ready_count_ = 0;
  std::vector<std::shared_ptr<Strand>> busy_strands_;
  std::vector<const Mailbox*> running_;
  std::size_t queued_ = 0;
  std::size_t threads_ = 0;
  std::size_t idle_ = 0;
  // Whether a thread was woken or started and has not come yet, or looks around. While one does, it
  // will find what is ready, and nobody else has to be called.
  bool called_ = false;
  bool looking_ = false;
  // The wait for work of a pool that has none and runs none. It ends when work comes, not when a
  // thread has it: the threads take turns, and each is without work for longer than all together.
  Patience without_work_;
};

}  // namespace ballast
