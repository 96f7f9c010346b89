# cmake --install and the Debian package (cpack -G DEB).
install(TARGETS keydeck RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES assets/prices.toml DESTINATION ${CMAKE_INSTALL_DATADIR}/keydeck)
install(FILES README.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME keydeck)
set(CPACK_PACKAGE_CONTACT "Keydeck maintainers <maintainers@keydeck.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY ${PROJECT_DESCRIPTION})
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "libcurl4 (>= 7.88)")  # loaded at run time, so nothing sees that it is needed
set(CPACK_DEBIAN_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
include(CPack)
