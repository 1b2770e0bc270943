// messagingd: direct messages between first-degree connections. What it can do stands in app/commands.hpp.
#include "app/commands.hpp"

int main(int argc, char** argv) {
  return app::run(argc, argv);
}
