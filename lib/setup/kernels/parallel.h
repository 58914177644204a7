// Splits work over a few threads that wait between calls. What a piece of work computes must not depend on who
// does it: results are then the same for every number of threads.
#pragma once

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

namespace synthmr {

class Pool {
 public:
  // Never destroyed: its threads wait until the process ends.
  static Pool& Get() {
    static Pool* pool = new Pool();
    return *pool;
  }

  // How many threads work on one call, the caller included. To be set before the first call.
  void SetThreads(int threads) {
    std::lock_guard<std::mutex> lock(mutex_);
    for (; started_ + 1 < threads; started_++) std::thread([this] { Serve(); }).detach();
  }

  // Calls run(0) to run(count - 1), in any order, and waits for all.
  void For(int count, const std::function<void(int)>& run) {
    if (count < 2 || started_ == 0) {
      for (int i = 0; i < count; i++) run(i);
      return;
    }
    auto job = std::make_shared<Job>(count, run);
    {
      std::lock_guard<std::mutex> lock(mutex_);
      jobs_.push_back(job);
    }
    wake_.notify_all();
    job->Work();
    std::unique_lock<std::mutex> lock(mutex_);
    finished_.wait(lock, [&] { return job->done == count; });
  }

 private:
  struct Job {
    Job(int count, const std::function<void(int)>& run) : count(count), run(run) {}
    // Whether the last piece was done here.
    bool Work() {
      bool last = false;
      for (int i; (i = next++) < count;) {
        run(i);
        last = ++done == count;
      }
      return last;
    }
    const int count;
    const std::function<void(int)>& run;  // valid until all pieces are done: the caller waits
    std::atomic<int> next{0};
    std::atomic<int> done{0};
  };

  void Serve() {
    for (;;) {
      std::shared_ptr<Job> job;
      {
        std::unique_lock<std::mutex> lock(mutex_);
        while (!jobs_.empty() && jobs_.front()->next >= jobs_.front()->count) jobs_.pop_front();
        if (jobs_.empty()) {
          wake_.wait(lock);
          continue;
        }
        job = jobs_.front();
      }
      if (job->Work()) {
        std::lock_guard<std::mutex> lock(mutex_);
        finished_.notify_all();
      }
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable finished_;
  std::deque<std::shared_ptr<Job>> jobs_;
  std::atomic<int> started_{0};
};

// Calls run(first, count) for stretches of `size` of `total`, cut by these numbers alone.
template <class Run>
void ForStretches(int64_t total, int64_t size, const Run& run) {
  const int64_t stretches = (total + size - 1) / size;
  Pool::Get().For(static_cast<int>(stretches), [&](int i) { run(i * size, std::min(size, total - i * size)); });
}

}  // namespace synthmr
