using System.Globalization;

namespace Helix.Core.Hardware;

/// <summary>What came of the test of a build in a process of its own.</summary>
internal abstract record VariantTest
{
    /// <summary>What a line begins with that is meant for us; libraries and drivers write lines of their own between them.</summary>
    public const string Mark = "helix-test: ";

    private const string DeviceMark = Mark + "device ";
    private const string Verdict = Mark + "passed";

    private VariantTest() { }

    /// <param name="Devices">What computes, in words.</param>
    internal sealed record Passed(string Devices) : VariantTest;

    internal sealed record Failed(string Reason) : VariantTest;

    public static string PassedLine => Verdict;

    /// <summary>The line that tells of one device.</summary>
    public static string LineOf(string name, string description, long totalBytes) =>
        string.Create(CultureInfo.InvariantCulture, $"{DeviceMark}{name} ({OneLine(description)}, {totalBytes / 1e9:0.0} GB)");

    /// <summary>Reads everything that the process wrote. Without a device and a verdict it did not pass, whatever else it said.</summary>
    public static VariantTest Read(string output)
    {
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        string[] devices = [.. lines.Where(line => line.StartsWith(DeviceMark, StringComparison.Ordinal)).Select(line => line[DeviceMark.Length..])];
        if (devices.Length > 0 && lines.Contains(Verdict)) return new Passed(string.Join(", ", devices));
        var last = lines.LastOrDefault(line => !line.StartsWith(DeviceMark, StringComparison.Ordinal));
        return new Failed(last is null ? "it ended without a word" : last.Length > 300 ? last[..300] + "…" : last);
    }

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
