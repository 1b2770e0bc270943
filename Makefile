# make run       build what is missing and start messagingd on the embedded defaults
# make cluster   PostgreSQL, Redis, two nodes and a proxy on this machine, until Ctrl-C
# make test      everything that a change must pass: release and sanitized, unit, contract, integration
# make test-all  that, clang-tidy, the slow labels, and the threads under TSan
# The work is done by the scripts in tools/, each of which can be called alone.
.DEFAULT_GOAL := help
.PHONY: help run cluster build test test-all lint format clean

help:
	@sed -n 's/^# //p' Makefile

build:
	@tools/install-packages
	@tools/build release messagingd protocol-echo-server

run:
	@tools/install-packages
	@tools/build release messagingd
	@exec build/release/messagingd serve

cluster:
	@tools/install-packages --test
	@tools/build release messagingd fake-connections
	@exec tools/cluster

test:
	@tools/install-packages --test
	@tools/check-style
	@tools/build release
	@tools/run-tests release unit contract integration cluster
	@tools/build dev
	@tools/run-tests dev unit contract fuzz integration

test-all: test
	@tools/lint
	@tools/run-tests release slow
	@tools/build tsan
	@tools/run-tests tsan unit contract

lint:
	@tools/lint

format:
	@git ls-files '*.cpp' '*.hpp' | xargs clang-format-19 -i

clean:
	@rm -rf build web/dist
