using Helix.Core.Hardware;

namespace Helix.Core.Planning;

/// <summary>How much memory the engines may use together.</summary>
internal static class EngineMemory
{
    /// <summary>Three quarters of what this process may use at all: the rest is the system's and the user's.</summary>
    public static long Of(HardwareFacts hardware) => hardware.TotalMemory / 4 * 3;
}
