using System.Globalization;

namespace Helix.Bench;

/// <summary>Where everything is, and how long to measure.</summary>
/// <param name="Helix">The helix binary.</param>
/// <param name="Libraries">llama.cpp's libraries, those helix and the reference programs both load.</param>
/// <param name="Peers">Folder with llama-bench and llama-server.</param>
/// <param name="Load">Folder with the programs of <c>bench/load</c>.</param>
/// <param name="Haproxy">The program; it need not be there, and nor need the next two.</param>
/// <param name="Yarp">The program of <c>bench/peers/yarp</c>.</param>
/// <param name="Portkey">Folder with Portkey's gateway.</param>
/// <param name="Models">Where the random models are kept.</param>
/// <param name="Work">A new folder for sockets and logs, removed in the end.</param>
/// <param name="Minutes">For which the soak goes on.</param>
/// <param name="Only">Of the overhead, only shapes whose words have this in them; empty for all.</param>
internal sealed record Setting(string Helix, string Libraries, string Peers, string Nginx, string Load, string Haproxy, string Yarp, string Portkey, string Models, string Work, int Rounds, int Minutes, string Only, string? Out)
{
    public static Setting Parse(ReadOnlySpan<string> arguments)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < arguments.Length; i += 2)
        {
            if (i + 1 == arguments.Length || !arguments[i].StartsWith("--", StringComparison.Ordinal)) throw new ArgumentException($"{arguments[i]} has no value; write --name VALUE.");
            values[arguments[i][2..]] = arguments[i + 1];
        }

        var setting = new Setting(
            Path.GetFullPath(Take("helix")),
            Path.GetFullPath(Take("libraries")),
            Path.GetFullPath(Take("peers")),
            Path.GetFullPath(Take("nginx")),
            Path.GetFullPath(Take("load")),
            Path.GetFullPath(Take("haproxy")),
            Path.GetFullPath(Take("yarp")),
            Path.GetFullPath(Take("portkey")),
            Path.GetFullPath(Take("models")),
            Directory.CreateTempSubdirectory("helix-bench-").FullName,
            int.Parse(Take("rounds", "5"), CultureInfo.InvariantCulture),
            int.Parse(Take("minutes", "30"), CultureInfo.InvariantCulture),
            Take("only", ""),
            Take("out", "") is { Length: > 0 } path ? Path.GetFullPath(path) : null);
        return values.Count == 0 ? setting : throw new ArgumentException($"--{values.Keys.First()} is not known. README.md lists the options.");

        string Take(string name, string? instead = null) =>
            values.Remove(name, out var value) ? value : instead ?? throw new ArgumentException($"--{name} is missing.");
    }

    /// <summary>An engine that poses as others, built with the bench.</summary>
    public static string StandIn { get; } = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "Helix.StandIn", "release", "Helix.StandIn"));

    public string Socket(string name) => Path.Combine(Work, name + ".sock");

    public string Log(string name) => Path.Combine(Work, name + ".log");
}
