# One static library a room (folder), so that a room that reaches past its neighbours does not link.
find_package(PkgConfig REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(SQLite3 REQUIRED)
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
pkg_check_modules(SECP256K1 REQUIRED IMPORTED_TARGET libsecp256k1)
pkg_check_modules(UTF8PROC REQUIRED IMPORTED_TARGET libutf8proc)

add_library(keydeck_flags INTERFACE)
target_compile_features(keydeck_flags INTERFACE cxx_std_23)
target_include_directories(keydeck_flags INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(keydeck_flags INTERFACE
    -Wall -Wextra -Wpedantic -Wconversion -Wshadow $<$<BOOL:${KEYDECK_WERROR}>:-Werror>
    -fstack-protector-strong $<$<CONFIG:Release,RelWithDebInfo>:-D_FORTIFY_SOURCE=2>)
# GCC 12's optimiser invents these inside std::string and std::vector once it has inlined them
# (https://gcc.gnu.org/bugzilla/show_bug.cgi?id=105329, 105651); they are not errors there, and all others are.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    target_compile_options(keydeck_flags INTERFACE "$<$<CONFIG:Release,RelWithDebInfo>:-Wno-array-bounds;-Wno-restrict;-Wno-stringop-overflow;-Wno-stringop-overread;-Wno-maybe-uninitialized>")
endif()
# libstdc++ 12's own std::stable_sort calls what it deprecates, and Clang tells whoever sorts.
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    target_compile_options(keydeck_flags INTERFACE -Wno-deprecated-declarations)
endif()
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
if(KEYDECK_SANITIZE)
    target_compile_options(keydeck_flags INTERFACE
        -fsanitize=${KEYDECK_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(keydeck_flags INTERFACE -fsanitize=${KEYDECK_SANITIZE})
    if(KEYDECK_SANITIZE MATCHES thread)
        target_compile_options(keydeck_flags INTERFACE -Wno-tsan)  # Asio's fences, which GCC's sanitizer cannot follow
    endif()
endif()
if(KEYDECK_FUZZ)
    target_compile_options(keydeck_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

# keydeck_room(NAME SOURCES a.cpp ... DEPENDS other_room ... USES third_party ...)
# DEPENDS is what the headers show to others, USES what only the .cpp files see.
function(keydeck_room name)
    cmake_parse_arguments(ROOM "" "" "SOURCES;DEPENDS;USES" ${ARGN})
    add_library(keydeck_${name} STATIC ${ROOM_SOURCES})
    list(TRANSFORM ROOM_DEPENDS PREPEND keydeck_)
    target_link_libraries(keydeck_${name} PUBLIC keydeck_flags ${ROOM_DEPENDS} PRIVATE ${ROOM_USES})
endfunction()

# keydeck_reads_sources(a_test.cpp ...): these read files of this checkout and learn where it lies. Only these, so that a compiler
# cache serves the others in every checkout.
function(keydeck_reads_sources)
    set_source_files_properties(${ARGN} PROPERTIES COMPILE_DEFINITIONS KEYDECK_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
endfunction()

# keydeck_test(NAME SOURCES a_test.cpp ... DEPENDS room ... USES third_party ... TOGETHER Suite ...): one GoogleTest program a
# room. Each of its tests is a process, but for the suites of TOGETHER: tables with so many small rows that starting a process
# for each would take longer than all of them.
function(keydeck_test name)
    cmake_parse_arguments(TEST "" "" "SOURCES;DEPENDS;USES;TOGETHER" ${ARGN})
    add_executable(test_${name} ${TEST_SOURCES})
    list(TRANSFORM TEST_DEPENDS PREPEND keydeck_)
    target_link_libraries(test_${name} PRIVATE keydeck_flags ${TEST_DEPENDS} ${TEST_USES} GTest::gtest GTest::gmock GTest::gtest_main)
    list(TRANSFORM TEST_TOGETHER APPEND ".*" OUTPUT_VARIABLE together)
    list(JOIN together ":" together)
    if(together)
        set(alone TEST_FILTER "-${together}")
    endif()
    gtest_discover_tests(test_${name} TEST_PREFIX "${name}." ${alone} DISCOVERY_MODE PRE_TEST PROPERTIES LABELS unit TIMEOUT 300)
    foreach(suite IN LISTS TEST_TOGETHER)
        add_test(NAME ${name}.${suite} COMMAND test_${name} --gtest_filter=${suite}.* --gtest_brief=1)
        set_tests_properties(${name}.${suite} PROPERTIES LABELS unit TIMEOUT 300 FAIL_REGULAR_EXPRESSION " 0 tests from")
    endforeach()
endfunction()
