// Kaiser's window and the others: include/flowspan/kernels/window.hpp.
#pragma once

#include <flowspan/kernels/window.hpp>
