// The functions of gd that are used here, loaded when pictures are made or read for the first time (docs/decisions/009).
#pragma once

#include "core/process/lazy_library.hpp"

#include <gd.h>
#include <gdfontmb.h>
#include <gdfonts.h>

namespace flowspan::io {

struct Gd {
    LazyLibrary library{GD_SONAME};
    decltype(gdImageCreateTrueColor)* create = library["gdImageCreateTrueColor"];
    decltype(gdImageCreateFromPngPtr)* read_png = library["gdImageCreateFromPngPtr"];
    decltype(gdImagePaletteToTrueColor)* to_colours = library["gdImagePaletteToTrueColor"];
    decltype(gdImageDestroy)* destroy = library["gdImageDestroy"];
    decltype(gdImageFilledRectangle)* filled_rectangle = library["gdImageFilledRectangle"];
    decltype(gdImageRectangle)* rectangle = library["gdImageRectangle"];
    decltype(gdImageLine)* line = library["gdImageLine"];
    decltype(gdImageString)* string = library["gdImageString"];
    decltype(gdImageStringUp)* string_up = library["gdImageStringUp"];
    decltype(gdImageStringFT)* string_ft = library["gdImageStringFT"];
    decltype(gdFTUseFontConfig)* use_fontconfig = library["gdFTUseFontConfig"];
    decltype(gdFontGetSmall)* small_font = library["gdFontGetSmall"];
    decltype(gdFontGetMediumBold)* medium_bold_font = library["gdFontGetMediumBold"];
    decltype(gdImagePngPtrEx)* png = library["gdImagePngPtrEx"];
    decltype(gdImageJpegPtr)* jpeg = library["gdImageJpegPtr"];
    decltype(gdSetErrorMethod)* set_error_method = library["gdSetErrorMethod"];
    decltype(gdFree)* free = library["gdFree"];
};

/// Throws Failure where gd is not there.
inline const Gd& gd() {
    static const Gd functions;
    return functions;
}

}  // namespace flowspan::io
