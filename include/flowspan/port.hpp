// Ports: where a block's streams and messages come in and go out.
#pragma once

#include <flowspan/input.hpp>
#include <flowspan/message.hpp>
#include <flowspan/output.hpp>
#include <flowspan/port_group.hpp>
