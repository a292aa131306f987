using Helix.Core.Planning;

namespace Helix.Core.Sandbox;

/// <summary>How much memory an engine may take before it is ended: far more than it needs, for this is against runaways and not for planning.</summary>
internal static class SandboxMemory
{
    private const int Times = 2;
    private const long Room = 2L << 30;

    /// <summary>Made of what does not change while the engine runs: with another limit it would have to be started again.</summary>
    /// <param name="processBytes">Of the engine without a model.</param>
    public static long Of(PlannedModel model, Placement.Run run, long processBytes) =>
        Times * (processBytes + model.Bytes + model.KvBytesPerToken * run.ContextPerSlot * run.Slots) + Room;
}
