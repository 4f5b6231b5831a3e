# The libraries of devices and of their kernels: as the program has them, CUDA's or none, and emulated for tests.
set(device "${CMAKE_CURRENT_SOURCE_DIR}/src/memory/device")
set(FLOWSPAN_DEVICE_COMMON "${device}/common.cpp" "${device}/gathered.cpp")
file(GLOB FLOWSPAN_DEVICE_KERNELS CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/kernels/*/*_cuda.cu")
file(TOUCH "${CMAKE_CURRENT_BINARY_DIR}/none.cpp")

# flowspan_device_library(NAME SOURCES… USES…)
function(flowspan_device_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;USES" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  set_target_properties(${name} PROPERTIES LINKER_LANGUAGE CXX)
  target_include_directories(${name} PUBLIC "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>" "$<BUILD_INTERFACE:${FLOWSPAN_HEADERS}>"
    "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src>" "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>")
  target_link_libraries(${name} PUBLIC ${ARG_USES} PRIVATE flowspan_flags fmt::fmt)
endfunction()
# flowspan_kernels_read(NAME KIND): kernels are read with memory/device/KIND/launch.hpp before them.
function(flowspan_kernels_read name kind)
  target_compile_options(${name} PRIVATE "SHELL:-include ${PROJECT_SOURCE_DIR}/src/memory/device/${kind}/launch.hpp"
    $<$<COMPILE_LANGUAGE:CXX>:-Wno-unknown-pragmas>)
endfunction()

# No fused multiply-add but where a kernel says so: what a GPU makes is what the emulation makes, bit for bit.
add_library(flowspan_cuda_flags INTERFACE)
target_compile_options(flowspan_cuda_flags INTERFACE
  "$<$<COMPILE_LANGUAGE:CUDA>:-fmad=false;--expt-relaxed-constexpr;-Xcompiler=-Wall,-Wextra,-ffp-contract=off>")

set(driver "${device}/driver.cpp")
if(FLOWSPAN_DEVICE STREQUAL "cuda")
  flowspan_device_library(flowspan_device SOURCES ${FLOWSPAN_DEVICE_COMMON} "${driver}" "${device}/cuda.cu" "${device}/cuda/driver.cu"
    "${device}/cuda/transforms.cu"
    USES flowspan_core)
  target_link_libraries(flowspan_device PRIVATE CUDA::cudart_static flowspan_cuda_flags)
else()
  flowspan_device_library(flowspan_device SOURCES ${FLOWSPAN_DEVICE_COMMON} "${driver}" "${device}/none.cpp" USES flowspan_core)
  set_source_files_properties(${FLOWSPAN_DEVICE_KERNELS} PROPERTIES LANGUAGE CXX)
endif()
flowspan_device_library(flowspan_device_kernels SOURCES ${FLOWSPAN_DEVICE_KERNELS} "${CMAKE_CURRENT_BINARY_DIR}/none.cpp" USES flowspan_device)
target_link_libraries(flowspan_device_kernels PRIVATE flowspan_cuda_flags)
flowspan_kernels_read(flowspan_device_kernels ${FLOWSPAN_DEVICE})

if(FLOWSPAN_TESTS)
  find_package(Boost REQUIRED COMPONENTS context)
  add_subdirectory(src/memory/device/emulated)
endif()
