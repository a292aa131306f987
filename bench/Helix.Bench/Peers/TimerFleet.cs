using Helix.Core.Models;

namespace Helix.Bench.Peers;

/// <summary>A home with thirteen providers of its own: stand-ins that pose as llama-server, and that load for so long.</summary>
internal sealed class TimerFleet
{
    /// <summary>In the library of that home.</summary>
    public const string Model = "timed";

    private const int Fastest = 4_000, Step = 500;

    private const string Words = """[--host, "{socket}", --model, "{model}", --alias, "{model_id}", --ctx-size, "{context_total}", --parallel, "{slots}"]""";

    /// <param name="settings">Further lines of the configuration.</param>
    public TimerFleet(Setting setting, string settings = "")
    {
        Home = HelixServer.NewHome(setting);
        var llm = Path.Combine(Home, "local-llm");
        File.WriteAllBytes(Path.Combine(llm, "models", Model + ".gguf"), ScriptedGguf.Make("ready", Model));
        var config = Directory.CreateDirectory(Path.Combine(llm, "auto-manager", "config")).FullName;
        File.WriteAllText(Path.Combine(config, "auto-config.yaml"), $"providers:\n  enabled: [builtin, {string.Join(", ", Ids)}]\n{settings}");
        foreach (var (number, id) in Ids.Index())
            OwnProvider.Add(Home, id, Words, 60, $"STANDIN_LOAD_MS={Fastest + (number * Step)} DOTNET_TieredCompilation=1 exec '{Setting.StandIn}' --as llamacpp --standin-version 1.0 \"$@\"");
    }

    public static string[] Ids { get; } = [.. Enumerable.Range(1, 13).Select(number => $"timer{number:00}")];

    public string Home { get; }
}
