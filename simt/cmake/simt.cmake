# simt_add_kernels(<target> <file.cu>... [CHECK])
#   Adds CUDA sources to an existing target of the same directory, compiled to run on the CPU. The target's include
#   directories, definitions and options apply, headers are tracked, and diagnostics name the .cu file's own lines.
#   CHECK instruments every memory access and links the checker (see simt/check.hpp).
function(simt_add_kernels target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "CHECK" "" "")
  set(kernels "")
  set(launcher ${SIMT_CC} --launch ${CMAKE_CXX_COMPILER_LAUNCHER})
  foreach(file IN LISTS arg_UNPARSED_ARGUMENTS)
    get_filename_component(path ${file} ABSOLUTE)
    set_source_files_properties(${path} PROPERTIES LANGUAGE CXX OBJECT_DEPENDS ${SIMT_CC})
    if(arg_CHECK)
      set_source_files_properties(${path} PROPERTIES COMPILE_OPTIONS --check)
    endif()
    list(APPEND kernels ${path})
  endforeach()
  # Of a header's functions that .cpp files compile too, the linker takes the copy that it meets first: let it be the
  # instrumented one.
  get_target_property(others ${target} SOURCES)
  list(REMOVE_ITEM others others-NOTFOUND)
  set_target_properties(${target} PROPERTIES SOURCES "${kernels};${others}")
  set_target_properties(${target} PROPERTIES CXX_COMPILER_LAUNCHER "${launcher}")
  target_link_libraries(${target} PRIVATE simt)
  target_link_options(${target} PRIVATE LINKER:--wrap=malloc,--wrap=free)  # runtime/heap.cpp
  if(arg_CHECK)
    if(NOT TARGET simt_check)
      message(FATAL_ERROR "CHECK needs elfutils' libdw: apt-get install libdw-dev")
    endif()
    target_link_libraries(${target} PRIVATE simt_check)
  endif()
  add_dependencies(${target} simt-cc)
endfunction()
