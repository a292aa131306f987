using System.Globalization;
using System.Text.Json;
using Helix.Bench.Measuring;

namespace Helix.Bench;

/// <summary>The table for people, and the same as JSON.</summary>
internal static class Report
{
    public static void Print(Machine machine, IReadOnlyList<Finding> findings)
    {
        Console.WriteLine();
        Console.WriteLine($"{machine.Cpu}, {machine.Cores} cores, {machine.MemoryGigabytes} GB, {machine.System}, Linux {machine.Kernel} {machine.Architecture}");
        Console.WriteLine("Medians of interleaved rounds; a ratio is the median of the ratios of each round. 'other' is the CPU that other programs used meanwhile.");
        Console.WriteLine();
        string[] head = ["", "helix", "peer", "unit", "ratio", "target", "", "rounds", "other"];
        var rows = findings.Select(finding => new[]
        {
            $"{finding.Group}: {finding.What}", Number(finding.Measured), Number(finding.Peer), finding.Unit,
            finding.Ratio?.ToString("0.000", CultureInfo.InvariantCulture) ?? "", finding.Target,
            finding.Passed switch { true => "pass", false => "MISS", null => "" },
            finding.Rounds.ToString(CultureInfo.InvariantCulture), finding.OtherWork.ToString("0.00", CultureInfo.InvariantCulture),
        }).ToList();
        var widths = head.Select((title, column) => rows.Select(row => row[column].Length).Append(title.Length).Max()).ToArray();
        foreach (var row in rows.Prepend(head))
            Console.WriteLine(string.Join("  ", row.Select((cell, column) => column is 1 or 2 or 4 or 7 or 8 ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column]))).TrimEnd());
        var missed = findings.Count(finding => finding.Passed == false);
        Console.WriteLine();
        Console.WriteLine($"{findings.Count(finding => finding.Passed == true)} met, {missed} missed, {findings.Count(finding => finding.Passed is null)} reported only");
    }

    public static void Write(string path, Machine machine, DateTimeOffset time, IReadOnlyList<Finding> findings)
    {
        using var stream = File.Create(path);
        JsonSerializer.Serialize(stream, new { time, machine, findings }, s_json);
    }

    private static readonly JsonSerializerOptions s_json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    private static string Number(double? value) => value switch
    {
        null => "",
        >= 100 => value.Value.ToString("0", CultureInfo.InvariantCulture),
        >= 10 => value.Value.ToString("0.0", CultureInfo.InvariantCulture),
        _ => value.Value.ToString("0.000", CultureInfo.InvariantCulture),
    };
}
