using System.Collections.Immutable;
using System.Globalization;
using Helix.Core.Manifests;

namespace Helix.Core.Hardware;

/// <summary>What NVIDIA's own program says of its GPUs.</summary>
internal static class NvidiaSmi
{
    private const long Mebibyte = 1 << 20;

    /// <summary>Asks for one line a GPU.</summary>
    public static ImmutableArray<string> Arguments { get; } = ["--query-gpu=name,compute_cap,driver_version,memory.total", "--format=csv,noheader,nounits"];

    /// <summary>Lines of another form (messages, errors) say nothing; a value that is not a number is not known.</summary>
    public static ImmutableArray<ComputeGpu> Read(string output) =>
    [
        .. from line in output.Split('\n')
           let cells = line.Split(',', StringSplitOptions.TrimEntries)
           where cells.Length == 4 && cells[0].Length > 0
           select new ComputeGpu(
               Accelerator.Nvidia,
               cells[0],
               long.TryParse(cells[3], NumberStyles.None, CultureInfo.InvariantCulture, out var mebibytes) ? mebibytes * Mebibyte : null,
               Dotted.Parse(cells[1]),
               Dotted.Parse(cells[2])),
    ];

    /// <summary>Asks for one line a GPU, of what it does now.</summary>
    public static ImmutableArray<string> LoadArguments { get; } = ["--query-gpu=name,memory.total,memory.used,utilization.gpu,temperature.gpu,power.draw", "--format=csv,noheader,nounits"];

    /// <summary>The same as for <see cref="Read"/>.</summary>
    public static ImmutableArray<GpuLoad> ReadLoads(string output) =>
    [
        .. from line in output.Split('\n')
           let cells = line.Split(',', StringSplitOptions.TrimEntries)
           where cells.Length == 6 && cells[0].Length > 0
           select new GpuLoad(cells[0], Bytes(cells[1]), Bytes(cells[2]), Number(cells[3]) / 100, Number(cells[4]), Number(cells[5])),
    ];

    private static long? Bytes(string cell) => Number(cell) is { } mebibytes ? (long)mebibytes * Mebibyte : null;

    private static double? Number(string cell) => double.TryParse(cell, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? number : null;
}
