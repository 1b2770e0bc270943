#include "app/admin_endpoints.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include "base/json_text.hpp"
#include "base/metrics.hpp"

namespace app {
namespace {

using base::metrics::Sample;

prometheus::MetricFamily to_family(const Sample& sample) {
  prometheus::MetricFamily family;
  family.name = std::string(sample.name);
  family.help = std::string(sample.help);
  prometheus::ClientMetric metric;
  switch (sample.kind) {
    case Sample::Kind::counter:
      family.type = prometheus::MetricType::Counter;
      metric.counter.value = sample.value;
      break;
    case Sample::Kind::gauge:
      family.type = prometheus::MetricType::Gauge;
      metric.gauge.value = sample.value;
      break;
    case Sample::Kind::histogram:
      family.type = prometheus::MetricType::Histogram;
      metric.histogram.sample_count = sample.count;
      metric.histogram.sample_sum = sample.value;
      for (std::size_t i = 0; i < sample.bounds.size(); ++i) {
        metric.histogram.bucket.push_back({sample.buckets[i], sample.bounds[i]});
      }
      break;
  }
  family.metric.push_back(std::move(metric));
  return family;
}

std::string metrics_text() {
  std::vector<prometheus::MetricFamily> families;
  for (const auto& sample : base::metrics::collect()) families.push_back(to_family(sample));
  return prometheus::TextSerializer().Serialize(families);
}

void append_json_list(std::string& out, const std::vector<std::string>& texts) {
  out += '[';
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (i != 0) out += ',';
    base::append_json_string(out, texts[i]);
  }
  out += ']';
}

net::Response readiness_response(const Readiness& readiness) {
  const auto reasons = readiness.reasons();
  std::string body = reasons.empty() ? R"({"ready":true,"reasons":)" : R"({"ready":false,"reasons":)";
  append_json_list(body, reasons);
  body += R"(,"degraded":)";
  append_json_list(body, readiness.degraded());
  body += "}\n";
  return text_response(reasons.empty() ? 200 : 503, std::move(body), "application/json");
}

}  // namespace

net::Response AdminEndpoints::get(const net::RequestHead& head) {
  if (head.path == "/healthz") return text_response(200, "{\"status\":\"ok\"}\n", "application/json");
  if (head.path == "/readyz") return readiness_response(readiness_);
  if (head.path == "/metrics") return text_response(200, metrics_text(), "text/plain; version=0.0.4; charset=utf-8");
  return text_response(404, "there are /healthz, /readyz and /metrics\n");
}

}  // namespace app
