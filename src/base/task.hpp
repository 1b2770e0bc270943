// Task<T>: a lazy coroutine that resumes its awaiter when it ends. The form of every operation that may wait, from the
// repositories' ports up to the gateway's handlers. Why not boost::asio::awaitable: docs/decisions/0003-own-task.md.
//
// Threads: a task runs on the executor that started it, and whatever it awaits must resume it there.
// Rules (checked by the style test where a program can): parameters of coroutines are values; one co_await per
// statement.
#pragma once

#include <coroutine>
#include <exception>
#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

namespace base {

template <class T = void>
class Task;

namespace detail {

struct PromiseBase {
  std::coroutine_handle<> continuation = std::noop_coroutine();
  std::exception_ptr exception{};

  [[nodiscard]] std::suspend_always initial_suspend() const noexcept { return {}; }

  struct FinalAwaiter {
    [[nodiscard]] bool await_ready() const noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> self) const noexcept {
      return self.promise().continuation;
    }
    void await_resume() const noexcept {}
  };
  [[nodiscard]] FinalAwaiter final_suspend() const noexcept { return {}; }
  void unhandled_exception() noexcept { exception = std::current_exception(); }
};

template <class T>
struct Promise : PromiseBase {
  std::optional<T> value{};

  Task<T> get_return_object() noexcept;
  template <class U>
  void return_value(U&& result) {
    value.emplace(std::forward<U>(result));
  }
  T take() {
    if (exception) std::rethrow_exception(exception);
    return std::move(*value);
  }
};

template <>
struct Promise<void> : PromiseBase {
  Task<void> get_return_object() noexcept;
  void return_void() const noexcept {}
  void take() const {
    if (exception) std::rethrow_exception(exception);
  }
};

}  // namespace detail

template <class T>
class [[nodiscard]] Task {
 public:
  using promise_type = detail::Promise<T>;

  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    if (this != &other) {
      if (handle_) handle_.destroy();
      handle_ = std::exchange(other.handle_, nullptr);
    }
    return *this;
  }
  ~Task() {
    if (handle_) handle_.destroy();
  }

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) noexcept {
    handle_.promise().continuation = awaiting;
    return handle_;
  }
  T await_resume() { return handle_.promise().take(); }

 private:
  friend promise_type;
  explicit Task(std::coroutine_handle<promise_type> handle) noexcept : handle_(handle) {}

  std::coroutine_handle<promise_type> handle_;
};

namespace detail {
template <class T>
Task<T> Promise<T>::get_return_object() noexcept {
  return Task<T>(std::coroutine_handle<Promise>::from_promise(*this));
}
inline Task<void> Promise<void>::get_return_object() noexcept {
  return Task<void>(std::coroutine_handle<Promise>::from_promise(*this));
}

template <class T>
struct Completable {
  std::optional<T> value{};
  std::coroutine_handle<> waiting{};
};
}  // namespace detail

// The way back into a task from callback code. Move-only. Call it exactly once, on the thread of the executor that
// awaits; it resumes the task before it returns (or, when called while the operation is still being started, right
// afterwards).
template <class T>
class Completion {
 public:
  explicit Completion(detail::Completable<T>& target) noexcept : target_(&target) {}
  Completion(Completion&& other) noexcept : target_(std::exchange(other.target_, nullptr)) {}
  Completion& operator=(Completion&& other) noexcept {
    target_ = std::exchange(other.target_, nullptr);
    return *this;
  }

  void operator()(T value) {
    auto* target = std::exchange(target_, nullptr);
    target->value.emplace(std::move(value));
    if (target->waiting) std::exchange(target->waiting, nullptr).resume();
  }

 private:
  detail::Completable<T>* target_;
};

// co_await base::async<T>([&](Completion<T> done) { start_something(std::move(done)); });
template <class T, class Start>
class [[nodiscard]] Async : detail::Completable<T> {
 public:
  explicit Async(Start start) : start_(std::move(start)) {}

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> awaiting) {
    start_(Completion<T>(*this));
    if (this->value) return false;
    this->waiting = awaiting;
    return true;
  }
  T await_resume() { return std::move(*this->value); }

 private:
  Start start_;
};

template <class T, class Start>
Async<T, Start> async(Start start) {
  return Async<T, Start>(std::move(start));
}

}  // namespace base
