import { RedisCluster } from '../lib/redis.mjs';
import { ackTests } from './suites/acks.mjs';
import { broadcastTests } from './suites/broadcasts.mjs';
import { memberTests } from './suites/members.mjs';
import { mixedCluster } from './suites/mixed.mjs';

// Three masters: the channels of the rooms lie on different ones.
const shared = mixedCluster('sharded', { Redis: RedisCluster });

broadcastTests(shared);
ackTests(shared);
memberTests(shared);
