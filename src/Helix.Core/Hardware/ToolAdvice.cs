using System.Collections.Immutable;

namespace Helix.Core.Hardware;

/// <summary>What a tool is needed for, and how a user gets it.</summary>
internal static class ToolAdvice
{
    public static string NameOf(Tool tool) => tool switch
    {
        Tool.Git => "git",
        Tool.Python => "python3",
        Tool.Uv => "uv",
        Tool.Node => "node",
        Tool.Npm => "npm",
        Tool.CMake => "cmake",
        Tool.Compiler => "C++ compiler",
        Tool.Ninja => "ninja",
        _ => "bwrap",
    };

    public static string NeededFor(Tool tool) => tool switch
    {
        Tool.Git => "engines that are installed from their source",
        Tool.Python => "engines that are Python programs",
        Tool.Uv => "faster installation of Python programs",
        Tool.Node or Tool.Npm => "engines that are npm packages, and builds of the built-in engine for graphics cards",
        Tool.CMake or Tool.Compiler => "engines that are built on this machine",
        Tool.Ninja => "faster builds",
        _ => "keeping engines in a sandbox",
    };

    /// <summary>Without it something goes slower or less safely, and nothing is impossible.</summary>
    public static bool IsOptional(Tool tool) => tool is Tool.Uv or Tool.Ninja or Tool.Bubblewrap;

    /// <param name="os">linux, macos or windows.</param>
    /// <param name="distribution">The ids of <c>/etc/os-release</c>, the closest first.</param>
    public static string HowToGet(Tool tool, string os, ImmutableArray<string> distribution)
    {
        if (os == "macos") return tool is Tool.Git or Tool.Compiler ? "xcode-select --install" : tool == Tool.Bubblewrap ? "it is for Linux only" : $"brew install {(tool == Tool.Npm ? "node" : tool == Tool.Python ? "python" : NameOf(tool))}";
        if (tool == Tool.Uv) return "pipx install uv";
        foreach (var id in distribution)
        {
            switch (id)
            {
                case "debian" or "ubuntu": return $"sudo apt install {Package(tool, "python3 python3-venv", "nodejs", "build-essential", "ninja-build")}";
                case "fedora" or "rhel" or "centos": return $"sudo dnf install {Package(tool, "python3", "nodejs", "gcc-c++", "ninja-build")}";
                case "arch": return $"sudo pacman -S {Package(tool, "python", "nodejs", "base-devel", "ninja")}";
                case "suse" or "opensuse": return $"sudo zypper install {Package(tool, "python3", "nodejs", "gcc-c++", "ninja")}";
                case "alpine": return $"sudo apk add {Package(tool, "python3", "nodejs", "build-base", "ninja")}";
            }
        }

        return "install it with your system's package manager";
    }

    private static string Package(Tool tool, string python, string node, string compiler, string ninja) => tool switch
    {
        Tool.Python => python,
        Tool.Node => node,
        Tool.Compiler => compiler,
        Tool.Ninja => ninja,
        Tool.Bubblewrap => "bubblewrap",
        _ => NameOf(tool),
    };
}
