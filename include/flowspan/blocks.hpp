// The block types of flowspan as C++ classes.
#pragma once

#include <flowspan/blocks/arithmetic.hpp>
#include <flowspan/blocks/complex.hpp>
#include <flowspan/blocks/detection.hpp>
#include <flowspan/blocks/filters.hpp>
#include <flowspan/blocks/loops.hpp>
#include <flowspan/blocks/modulation.hpp>
#include <flowspan/blocks/outside.hpp>
#include <flowspan/blocks/rates.hpp>
#include <flowspan/blocks/sinks.hpp>
#include <flowspan/blocks/sources.hpp>
#include <flowspan/blocks/spectra.hpp>
#include <flowspan/blocks/streams.hpp>
