using Helix.Core.Configuration;
using Helix.Core.Models;

namespace Helix.Core.Install;

/// <summary>How much releases and their downloads may take together. Models do not count.</summary>
/// <param name="Bytes">Null where neither the user nor the disk sets a limit.</param>
/// <param name="Used">By what is installed and downloaded.</param>
/// <param name="IsWritten">By the user, in the configuration.</param>
internal sealed record DiskBudget(long? Bytes, long Used, bool IsWritten)
{
    public const string Setting = "resources.disk_budget";

    private const long Gigabyte = 1_000_000_000;

    public string Words => Bytes is { } bytes ? $"{ByteCount.Words(Used)} of {ByteCount.Words(bytes)} are used{(IsWritten ? "" : " (half of what is free without them)")}" : $"{ByteCount.Words(Used)} are used";

    /// <param name="free">On the disk; null where it does not say.</param>
    public static DiskBudget Of(ResourcesConfig config, long used, long? free) =>
        config.DiskBudget > 0 ? new(config.DiskBudget * Gigabyte, used, true) : new(free is { } left ? (left + used) / 2 : null, used, false);

    /// <summary>Why the next installation is not begun; null where it may be. What nobody knows the size of is begun as long as anything is left.</summary>
    /// <param name="running">What those that are being installed will take.</param>
    public string? Refusal(InstallSize next, long running)
    {
        if (Bytes is not { } bytes) return null;
        var left = bytes - Used - running;
        if (next.Total is { } total ? total <= left : left > 0) return null;
        var needs = next.Total is { } known ? $"it needs about {ByteCount.Words(known)}" : "it needs room";
        var besides = running > 0 ? $", and {ByteCount.Words(running)} are kept for what is being installed" : "";
        return $"{needs}, and of {Setting} {Words}{besides}; helix local-llm cleanup frees what nobody needs, or raise {Setting}";
    }

    public string Remedy(InstallSize next, long running)
    {
        var wanted = ((Used + running + (next.Total ?? Gigabyte)) / Gigabyte) + 1;
        return $"Run: helix local-llm cleanup, or: helix config set {Setting} {wanted}";
    }
}
