#include "base/trace.hpp"

#include <gtest/gtest.h>

namespace base {
namespace {

constexpr std::string_view example = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST(TraceContext, continues_the_trace_of_a_traceparent_with_a_span_of_its_own) {
  const auto trace = TraceContext::from(example);
  EXPECT_EQ(trace.request_id(), "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_TRUE(trace.is_sampled);
  const auto passed_on = trace.to_traceparent();
  EXPECT_EQ(passed_on.substr(0, 36), example.substr(0, 36));
  EXPECT_NE(passed_on.substr(36, 16), example.substr(36, 16));
  EXPECT_EQ(passed_on.substr(52), "-01");
}

TEST(TraceContext, later_version_with_more_fields_is_continued) {
  EXPECT_EQ(TraceContext::from("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more").request_id(),
            "4bf92f3577b34da6a3ce929d0e0e4736");
}

TEST(TraceContext, malformed_traceparent_begins_a_new_trace) {
  for (const std::string_view bad : {"", "00", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01x",
                                     "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                                     "00-4BF92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                                     "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                                     "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
                                     "00_4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7_01",
                                     "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01x"}) {
    const auto trace = TraceContext::from(bad);
    EXPECT_TRUE(trace.is_set()) << bad;
    EXPECT_NE(trace.request_id(), "4bf92f3577b34da6a3ce929d0e0e4736") << bad;
    EXPECT_FALSE(trace.is_sampled) << bad;
  }
}

TEST(TraceContext, unset_trace_has_no_text) {
  EXPECT_EQ(TraceContext().to_traceparent(), "");
  EXPECT_EQ(TraceContext().request_id(), "");
}

}  // namespace
}  // namespace base
