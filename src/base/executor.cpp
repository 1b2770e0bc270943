#include "base/executor.hpp"

namespace base {
namespace {
thread_local Executor* current_executor = nullptr;
}

Executor* Executor::current_or_null() noexcept {
  return current_executor;
}

Executor::Scope::Scope(Executor& executor) noexcept : previous_(current_executor) {
  current_executor = &executor;
}
Executor::Scope::~Scope() {
  current_executor = previous_;
}

}  // namespace base
