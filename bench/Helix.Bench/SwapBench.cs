using Helix.Bench.Measuring;
using Helix.Bench.Models;
using Helix.Bench.Peers;
using Helix.Bench.Wire;
using Helix.Core.Models;

namespace Helix.Bench;

/// <summary>With room for one model only, two are asked in turn: how long the first token of the other one takes.</summary>
internal static class SwapBench
{
    private static readonly string[] s_names = ["swap-a", "swap-b"];

    public static IEnumerable<Finding> Run(Setting setting)
    {
        var model = RandomGguf.Get(setting.Models, Shape.Middle);
        var folder = Directory.CreateDirectory(Path.Combine(setting.Work, "swap-models")).FullName;
        foreach (var name in s_names) File.CreateSymbolicLink(Path.Combine(folder, name + ".gguf"), model);

        var home = HelixServer.NewHome(setting);
        HelixServer.Configure(home, "memory_gb: 1", $"providers:\n  enabled: [builtin]\nbuiltin:\n  threads: 1\n  slots: {Engines.Slots}\n  context: {Engines.Context}\n");
        using var helix = HelixServer.Start(setting, home);
        helix.WaitForModel(id => id == SelfTestModel.Id);
        foreach (var name in s_names) Child.Run(setting.Helix, ["models", "add", model, "--name", name], HelixServer.Environment(home));
        using var router = Engines.Router(setting, folder);
        var (mine, theirs) = (0, 0);
        foreach (var place in (Place[])[helix.Place, router.Place])
            foreach (var name in s_names) Ask(place, name);
        // engines come and go: their work cannot be told from that of other programs
        var rounds = new Rounds(setting.Rounds * 2, patience: 0).Take([helix.KeeperPid, helix.DaemonPid, router.Pid], () => [Ask(helix.Place, s_names[mine++ % 2])], () => [Ask(router.Place, s_names[theirs++ % 2])]);
        yield return rounds.Judge("swap", $"{Shape.Middle.FileName}: another model's first token, of llama-server's router", "ms", new Target.RatioAtMost(1), 0, 1);
    }

    private static double Ask(Place place, string model)
    {
        using var link = new HttpLink(place);
        return TokenStream.Read(Chat.Talk(link, model, 4)).FirstToken.TotalMilliseconds;
    }
}
