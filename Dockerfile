# Images of messagingd. Nothing in them is particular to one deployment: settings come as environment variables, secrets as files.
#
#   docker build -t messagingd:0.1.0 .
#   docker build -t fake-connections:0.1.0 --target fake-connections .    # stands in for the Connections service
#
# The containers run as user 10001 on a read-only root file system; only SQLite needs a volume, at /var/lib/messaging.
ARG DEBIAN=debian:12

# --- build: the compiler, the tools and the sources; nothing of it but the binaries goes further
FROM ${DEBIAN} AS build
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
WORKDIR /build
# The packages change less often than the sources: a layer of their own.
COPY tools/install-packages tools/
RUN tools/install-packages && rm -rf /var/lib/apt/lists/*
COPY . .
RUN tools/build release messagingd && strip --strip-debug build/release/messagingd

FROM build AS build-fake-connections
RUN tools/build release fake-connections && strip --strip-debug build/release/fake-connections

# --- base: the shared libraries. Without versions: Debian keeps only the latest security update of each, so pinning ends in a build
# that cannot be repeated next week. A build with --pull --no-cache has the updates of that day.
FROM ${DEBIAN}-slim AS base
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
# hadolint ignore=DL3008
RUN apt-get update \
 && apt-get install -y --no-install-recommends \
      ca-certificates \
      libboost-container1.81.0 libboost-json1.81.0 libgrpc++1.51 libhiredis0.14 libpq5 libprometheus-cpp-core1.0 libprotobuf32 \
      libsimdjson14 libspdlog1.10 libsqlite3-0 libssl3 libtomlplusplus3 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin messaging \
 && install -d -o messaging -g messaging -m 0700 /var/lib/messaging

FROM base AS fake-connections
COPY --from=build-fake-connections /build/build/release/fake-connections /usr/local/bin/
# A library that is missing is found out here, not at the first start.
RUN libraries=$(ldd /usr/local/bin/fake-connections) && [[ "$libraries" != *"not found"* ]]
USER 10001:10001
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/local/bin/fake-connections"]

FROM base AS messagingd
COPY --from=build /build/build/release/messagingd /usr/local/bin/
RUN libraries=$(ldd /usr/local/bin/messagingd) && [[ "$libraries" != *"not found"* ]]
USER 10001:10001
WORKDIR /var/lib/messaging
# A container is reached through its own address. gRPC stays on the container's loopback until it has certificates.
ENV MESSAGING_PROFILE=production \
    HOST=0.0.0.0 PORT=3000 \
    ADMIN_HOST=0.0.0.0 ADMIN_PORT=9464 \
    GRPC_PORT=50051
EXPOSE 3000 50051 9464
# The drain takes at most 25 s: give it 30 (docker stop --time 30, stop_grace_period, terminationGracePeriodSeconds).
STOPSIGNAL SIGTERM
# No HEALTHCHECK: it would need an HTTP client in the image, and Docker does nothing with its answer. Who routes traffic asks itself:
# /readyz on the admin port (haproxy in compose.yaml, kubelet in deploy/kubernetes).
HEALTHCHECK NONE
ENTRYPOINT ["/usr/local/bin/messagingd"]
CMD ["serve"]
