# find_package(flowspan): the target flowspan::flowspan (library and headers; nothing else is needed), the program as
# flowspan::program, and flowspan_add_plugin.
include("${CMAKE_CURRENT_LIST_DIR}/flowspanTargets.cmake")

# flowspan_add_plugin(NAME SOURCE…) builds NAME.so for `flowspan run --plugin NAME.so`. One of the sources defines flowspan_register.
function(flowspan_add_plugin name)
  add_library(${name} MODULE ${ARGN})
  set_target_properties(${name} PROPERTIES PREFIX "" SUFFIX ".so")
  target_link_libraries(${name} PRIVATE flowspan::flowspan)
endfunction()
