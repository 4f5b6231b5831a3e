// Everything that a block needs.
#pragma once

#include <flowspan/block.hpp>
#include <flowspan/kernels.hpp>
#include <flowspan/plugin.hpp>
#include <flowspan/registry.hpp>
