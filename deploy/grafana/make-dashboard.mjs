// Writes deploy/grafana/messagingd.json, the dashboard that Grafana imports: rows of panels over the metrics of src/base/metrics.cpp.
//   node deploy/grafana/make-dashboard.mjs
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// --- expressions: always of the chosen nodes

const nodes = '{job=~"$job", instance=~"$instance"}';
const rate = (metric, by = '') => `sum ${by && `by (${by}) `}(rate(${metric}${nodes}[$__rate_interval]))`;
const byNode = (gauge) => `sum by (instance) (${gauge}${nodes})`;
const quantile = (q, histogram) => `histogram_quantile(${q}, sum by (le) (rate(${histogram}_bucket${nodes}[$__rate_interval])))`;
const quantiles = (histogram) => [
  [quantile(0.5, histogram), 'p50'],
  [quantile(0.99, histogram), 'p99'],
  [quantile(0.999, histogram), 'p99.9'],
];

const each = '{{instance}}';
const rows = {
  'Who is here': [
    ['Connections', 'Socket.IO connections of each node. After a drain the sum is the same and the nodes are even again.', 'short',
      [[byNode('messaging_connections'), each]], { stack: true }],
    ['Users with a connection', 'A user with devices on two nodes counts on both.', 'short',
      [[byNode('messaging_users_connected'), each]], { stack: true }],
    ['Comings and goings', 'Connections accepted and refused, sessions opened and closed, per second.', 'ops',
      [[rate('messaging_connections_accepted_total'), 'accepted'], [rate('messaging_connections_refused_total'), 'refused'],
        [rate('messaging_sessions_opened_total'), 'sessions opened'], [rate('messaging_sessions_closed_total'), 'sessions closed']]],
  ],
  'Messages': [
    ['Sends', 'Per second: committed, answered from their clientMessageId (retries), refused.', 'ops',
      [[rate('messaging_messages_stored_total'), 'stored'], [rate('messaging_messages_duplicate_total'), 'retries'],
        [rate('messaging_messages_refused_total'), 'refused']]],
    ['From packet to ack', 'What an author waits for: guard, queue and commit.', 's', quantiles('messaging_ack_seconds')],
    ['From commit to sockets', 'What a recipient waits for beside the network.', 's', quantiles('messaging_delivery_seconds')],
    ['Events written to sockets', 'Durable events, per second: all, those of them that were read from the tables for sockets that were behind; and typing.', 'ops',
      [[rate('messaging_events_delivered_total'), 'delivered'], [rate('messaging_events_replayed_total'), 'of those replayed'],
        [rate('messaging_typing_relayed_total'), 'typing']]],
    ['Bytes waiting for sockets', 'Queued for writing.', 'bytes', [[byNode('messaging_queued_bytes'), each]]],
    ['Closed because they did not read', 'Above 1 MiB for 30 s. They recover.', 'ops',
      [[rate('messaging_slow_consumers_closed_total', 'instance'), each]]],
  ],
  'Storage': [
    ['Commit', 'From the first statement of a batch to its commit.', 's', quantiles('messaging_commit_seconds')],
    ['Operations in a batch', 'Near the maximum of 1000 the writers are the limit.', 'short',
      [[`${rate('messaging_batch_rows_total', 'instance')} / ${rate('messaging_batches_committed_total', 'instance')}`, each],
        [quantile(0.99, 'messaging_batch_size'), 'p99 of all']]],
    ['Failed commits', 'Batches that failed.', 'ops', [[rate('messaging_commit_failures_total', 'instance'), each]]],
  ],
  'Cluster': [
    ['Events between nodes', 'Sent to the other members of the cluster, and received from them, per second.', 'ops',
      [[rate('messaging_events_published_total', 'instance'), `out ${each}`], [rate('messaging_events_relayed_total', 'instance'), `in ${each}`]]],
    ['Through Redis and back', 'A message of a node on its way through Redis and back to it.', 's', quantiles('messaging_backplane_seconds')],
    ['Redis', 'Links that came up again, commands that failed, messages lost on the way to Redis, per second. What is lost is found by comparison, up to 5 s late.', 'ops',
      [[rate('messaging_redis_reconnects_total'), 'reconnects'], [rate('messaging_redis_commands_failed_total'), 'failed commands'],
        [rate('messaging_redis_publishes_lost_total'), 'lost messages']]],
    ['Comparisons of heads', 'Users compared with the tables after a doubt about Redis, and those of them that something had not reached.', 'ops',
      [[rate('messaging_head_comparisons_total'), 'compared'], [rate('messaging_heads_behind_total'), 'behind']]],
    ['Repairs', 'Reads of the tables because of a gap in somebody\'s positions. Near zero while Redis loses nothing.', 'ops',
      [[rate('messaging_sequencer_repairs_total', 'instance'), each]]],
    ['Changes of connections', 'Told by others over the channel connections:changed; malformed ones are left alone.', 'ops',
      [[rate('messaging_connection_changes_total'), 'applied'], [rate('messaging_connection_changes_malformed_total'), 'malformed']]],
  ],
  'Guard': [
    ['Decisions', 'Unavailable: the Connections service gave no answer, and there was none that may still be used.', 'ops',
      [[rate('messaging_guard_allowed_total'), 'allowed'], [rate('messaging_guard_denied_total'), 'denied'],
        [rate('messaging_guard_unavailable_total'), 'unavailable']]],
    ['Where they came from', 'This node\'s memory, another node\'s answer (Redis), a call just made, or an older answer because the service was away.', 'ops',
      [[rate('messaging_decision_cache_hits_total'), 'memory'], [rate('messaging_decision_store_hits_total'), 'Redis'],
        [rate('messaging_decisions_asked_total'), 'asked'], [rate('messaging_decisions_kept_total'), 'kept']], { stack: true }],
    ['Age of decisions', 'At most 30 s, or 120 s while the service is away.', 's',
      [[quantile(0.5, 'messaging_decision_age_seconds'), 'p50'], [quantile(0.99, 'messaging_decision_age_seconds'), 'p99']]],
    ['Calls of the Connections service', 'Per second, and those that ended without an answer.', 'ops',
      [[rate('messaging_connections_calls_total'), 'calls'], [rate('messaging_connections_failures_total'), 'failed']]],
    ['Its circuit breaker', '0 closed, 1 half open, 2 open.', 'short', [[byNode('messaging_connections_breaker_state'), each]], { max: 2 }],
    ['Refused and dropped', 'By a rate limit; volatile events for receivers that were behind; connections ended for input that no client sends.', 'ops',
      [[rate('messaging_rate_limited_total'), 'rate limited'], [rate('messaging_volatile_dropped_total'), 'volatile dropped'],
        [rate('messaging_malformed_input_total'), 'malformed input']]],
  ],
  'Doors': [
    ['Sessions and TCP connections', 'Engine.IO sessions; connections of the public port. Polling needs more of the latter.', 'short',
      [[byNode('messaging_sessions'), `sessions ${each}`], [byNode('messaging_http_connections'), `TCP ${each}`]]],
    ['HTTP requests', 'Handshakes and polling, per second.', 'ops', [[rate('messaging_http_requests_total', 'instance'), each]]],
    ['gRPC calls', 'Per second.', 'ops', [[rate('messaging_rpc_calls_total', 'instance'), each]]],
  ],
};

// --- the form that Grafana reads

const datasource = { type: 'prometheus', uid: '${datasource}' };
const columns = 3;
const width = 24 / columns;
const height = 8;

function panelOf([title, description, unit, series, { stack = false, max } = {}], gridPos) {
  return {
    type: 'timeseries', title, description, datasource, gridPos,
    fieldConfig: {
      defaults: {
        unit, min: 0, max,
        custom: { lineWidth: 1, fillOpacity: stack ? 20 : 5, showPoints: 'never', stacking: { mode: stack ? 'normal' : 'none' } },
      },
      overrides: [],
    },
    options: { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } },
    targets: series.map(([expr, legendFormat], i) => ({ refId: String.fromCharCode(65 + i), datasource, expr, legendFormat })),
  };
}

function panels() {
  const all = [];
  let y = 0;
  for (const [title, row] of Object.entries(rows)) {
    all.push({ type: 'row', title, collapsed: false, gridPos: { x: 0, y, w: 24, h: 1 }, panels: [] });
    y += 1;
    row.forEach((panel, i) => {
      all.push(panelOf(panel, { x: (i % columns) * width, y: y + Math.floor(i / columns) * height, w: width, h: height }));
    });
    y += Math.ceil(row.length / columns) * height;
  }
  return all.map((panel, i) => ({ id: i + 1, ...panel }));
}

const choice = (name, label, query) => ({
  name, label, type: 'query', datasource, query: { query, refId: 'A' }, definition: query, refresh: 2, sort: 1,
  includeAll: true, multi: true, current: { text: 'All', value: '$__all' },
});

export function dashboard() {
  const text = JSON.stringify({
    uid: 'messagingd', title: 'messagingd', tags: ['messaging'], schemaVersion: 39, version: 1, editable: true, graphTooltip: 1,
    timezone: 'utc', refresh: '10s', time: { from: 'now-1h', to: 'now' },
    templating: {
      list: [
        { name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus', current: {}, hide: 0 },
        choice('job', 'Job', 'label_values(messaging_connections, job)'),
        choice('instance', 'Node', 'label_values(messaging_connections{job=~"$job"}, instance)'),
      ],
    },
    annotations: { list: [] },
    panels: panels(),
  }, null, 1);
  return `${text}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(fileURLToPath(new URL('messagingd.json', import.meta.url)), dashboard());
}
