{
  "targets": [
    {
      "target_name": "ballast_libvirt",
      "sources": ["<!@(node native/units.mjs)"],
      "include_dirs": ["native"],
      "defines": [
        "NAPI_VERSION=9",
        "NODE_ADDON_API_CPP_EXCEPTIONS_ALL",
        "NODE_ADDON_API_DISABLE_DEPRECATED",
        "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS"
      ],
      "cflags_cc!": ["-fno-exceptions", "-fno-rtti", "-std=gnu++17", "-std=gnu++20"],
      "cflags_cc": [
        "-std=c++20",
        "-Wall",
        "-Wextra",
        "-Werror",
        "-isystem",
        "<!(node -p \"require('node-addon-api').include.slice(1, -1)\")",
        "<!@(pkg-config --cflags libvirt libvirt-qemu)"
      ],
      "libraries": ["<!@(pkg-config --libs libvirt libvirt-qemu)"],
      # Pool threads may still run when the last environment has gone: the code must stay mapped.
      "ldflags": ["-Wl,-z,nodelete"]
    }
  ]
}
