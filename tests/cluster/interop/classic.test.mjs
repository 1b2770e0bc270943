import { ackTests } from './suites/acks.mjs';
import { broadcastTests } from './suites/broadcasts.mjs';
import { memberTests } from './suites/members.mjs';
import { mixedCluster } from './suites/mixed.mjs';

const shared = mixedCluster('classic');

broadcastTests(shared);
ackTests(shared);
memberTests(shared);
