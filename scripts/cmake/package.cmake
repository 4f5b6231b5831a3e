# `cpack` in the build folder, once `flowspan` is built, makes two packages for Debian: flowspan (program, library, shipped graphs,
# slurm/, Python, documents) and flowspan-dev (headers and CMake package, for blocks and programs of others).
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)  # what is not built is no part of them
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME flowspan)
set(CPACK_PACKAGE_VENDOR flowspan)
set(CPACK_PACKAGE_CONTACT "The flowspan authors <flowspan@localhost>" CACHE STRING "Who made the packages: Name <address>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_RESOURCE_FILE_LICENSE "${CMAKE_CURRENT_SOURCE_DIR}/LICENSE")
set(CPACK_STRIP_FILES ON)
set(CPACK_THREADS 0)

set(CPACK_COMPONENTS_ALL program development)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_ENABLE_COMPONENT_DEPENDS ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME flowspan)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SECTION hamradio)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SHLIBDEPS ON)
set(CPACK_COMPONENT_PROGRAM_DESCRIPTION "${PROJECT_DESCRIPTION}
One executable reads a flowgraph of blocks (filters, channelizers, demodulators,
detectors) and runs it on one core or on many MPI ranks, by mpirun or Slurm. The
same recording gives the same bytes at any number of ranks. Results are SigMF
recordings and annotations, WAV, HDF5, PNG and JSON lines.")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME flowspan-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "flowspan (= ${PROJECT_VERSION})")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SUGGESTS "g++, cmake")
set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION "Blocks and programs for flowspan (headers and CMake package)
Headers, and a package for CMake (find_package(flowspan)), to write blocks that
flowspan loads as plug-ins, and programs that build their flowgraphs in C++.")

# What is loaded when something is drawn, and mpirun, are seen by no shlibdeps.
find_program(DPKG_QUERY dpkg-query)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_DEPENDS "openmpi-bin, fonts-dejavu-core")
foreach(soname ${GD_SONAME} ${GVC_SONAME})
  if(DPKG_QUERY)
    execute_process(COMMAND ${DPKG_QUERY} -S "*/${soname}" OUTPUT_VARIABLE owner ERROR_QUIET)
    string(REGEX MATCH "^([^:]*):" _ "${owner}")
    if(CMAKE_MATCH_1)
      string(APPEND CPACK_DEBIAN_PROGRAM_PACKAGE_DEPENDS ", ${CMAKE_MATCH_1}")
    endif()
  endif()
endforeach()
include(CPack)
