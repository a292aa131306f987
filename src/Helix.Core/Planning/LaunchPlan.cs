using System.Collections.Immutable;
using System.Globalization;
using Helix.Core.Fleet;
using Helix.Core.Manifests;
using Helix.Core.Models;

namespace Helix.Core.Planning;

/// <summary>What a launch line is filled with.</summary>
/// <param name="Release">Folder of the release.</param>
/// <param name="Data">Folder that the engine may write to.</param>
/// <param name="Library">Folder of all models.</param>
/// <param name="Socket">Path of the unix socket on which it is to answer.</param>
/// <param name="Ports">Of 127.0.0.1: three, of which those that the manifest names are used.</param>
/// <param name="Key">What it asks its callers for.</param>
/// <param name="Tools">Paths of node and python.</param>
/// <param name="On">What it computes on.</param>
/// <param name="Seating">Where just this model does.</param>
internal sealed record LaunchFacts(
    string Version,
    string Release,
    string Data,
    string Library,
    string Socket,
    ImmutableArray<int> Ports,
    string Key,
    string AdminKey,
    IReadOnlyDictionary<string, string> Tools,
    Accelerator On,
    Seating Seating,
    PlannedModel Model,
    int ContextPerSlot,
    int Slots,
    int Threads)
{
    /// <summary>Tokens of prompts that it reads at once; null: as many as it does by itself.</summary>
    public int? Batch { get; init; }
}

/// <summary>One command line with everything filled in.</summary>
/// <param name="Ready">Path on <paramref name="Port"/> that must answer before the next one is started; null: at once.</param>
internal sealed record LaunchLine(string Program, ImmutableArray<string> Arguments, string? Ready = null, int Port = 0);

/// <summary>A file to be written before a start.</summary>
/// <param name="From">Name of a file that comes with helix; null where <paramref name="Text"/> is the file.</param>
/// <param name="Link">The file that it is to be; null for one that is written.</param>
internal sealed record LaunchFile(string Path, string? From, string Text, string? Link);

/// <summary>How a provider is started with a model, word for word.</summary>
/// <param name="Folder">In which it runs.</param>
/// <param name="ModelName">The name under which the engine will know the model.</param>
internal sealed record LaunchPlan(
    ImmutableArray<LaunchLine> Before,
    ImmutableArray<LaunchLine> Processes,
    ImmutableArray<LaunchLine> After,
    ImmutableSortedDictionary<string, string> Environment,
    ImmutableArray<LaunchFile> Files,
    string Folder,
    string ModelName)
{
    /// <summary>Of a GPU whose memory is not planned: it leaves room for what others hold there.</summary>
    private const int UnplannedShare = 85;

    private const long Gibibyte = 1L << 30;

    public static LaunchPlan Of(Manifest manifest, LaunchFacts facts)
    {
        var launch = manifest.Launch!;
        var values = Values(facts);
        return new(
            [.. launch.Before.Select(Line)],
            [.. launch.Processes.Select(process => Process(process, facts, values))],
            [.. launch.After.Select(Line)],
            launch.Environment.Where(variable => IsPlanned(variable.Value, facts)).ToImmutableSortedDictionary(variable => variable.Name, variable => Fill(variable.Value), StringComparer.Ordinal),
            [.. launch.Files.SelectMany(file => file.Link is { } link ? Links(Fill(file.Path), Fill(link)) : [new(Fill(file.Path), file.From, string.Concat(file.Lines.Select(line => Fill(line) + "\n")), null)])],
            Fill(launch.Folder ?? "{data}"),
            Fill(manifest.Models.Name));

        string Fill(string text) => Placeholders.Fill(text, values);

        LaunchLine Line(ImmutableArray<string> words) => new(Fill(words[0]), [.. words.Skip(1).Select(Fill)]);
    }

    /// <summary>A model in several files is linked file by file, where the name leaves room for it: an engine finds the others by the name of the first.</summary>
    private static IEnumerable<LaunchFile> Links(string path, string target)
    {
        var (linked, real) = (ShardName.Parse(NameOf(path)), ShardName.Parse(NameOf(target)));
        if (linked is null || real is null || linked.Count != real.Count) return [new(path, null, "", target)];
        return linked.All().Zip(real.All(), (name, of) => new LaunchFile(path[..^NameOf(path).Length] + name.FileName, null, "", target[..^NameOf(target).Length] + of.FileName));
    }

    private static string NameOf(string path) => path[(path.LastIndexOf('/') + 1)..];

    private static LaunchLine Process(LaunchProcess process, LaunchFacts facts, Dictionary<string, string> values) => new(
        Placeholders.Fill(process.Program, values),
        [.. process.Arguments.Where(words => IsSaid(words, facts)).SelectMany(words => words.Words).Select(word => Placeholders.Fill(word, values))],
        process.Ready,
        facts.Ports[process.Port - 1]);

    private static bool IsSaid(LaunchWords words, LaunchFacts facts) =>
        (words.Accelerator is null || words.Accelerator == facts.On)
        && (words.Ability == ModelAbilities.None || facts.Model.Abilities.HasFlag(words.Ability))
        && (words.Format is null || words.Format == facts.Model.Format.Word())
        && words.Words.All(word => IsPlanned(word, facts));

    /// <summary>What names GPUs, or a batch, is said only where some were chosen.</summary>
    private static bool IsPlanned(string text, LaunchFacts facts) =>
        (!facts.Seating.Devices.IsEmpty || !(text.Contains("{devices}", StringComparison.Ordinal) || text.Contains("{device_split}", StringComparison.Ordinal)))
        && (facts.Batch is not null || !text.Contains("{batch}", StringComparison.Ordinal));

    private static Dictionary<string, string> Values(LaunchFacts facts)
    {
        var path = facts.Model.Path;
        var cut = path.LastIndexOf('/');
        return new(StringComparer.Ordinal)
        {
            ["version"] = facts.Version,
            ["release"] = facts.Release,
            ["data"] = facts.Data,
            ["python"] = facts.Tools.GetValueOrDefault("python", "python3"),
            ["node"] = facts.Tools.GetValueOrDefault("node", "node"),
            ["socket"] = facts.Socket,
            ["port"] = Number(facts.Ports[0]),
            ["port2"] = Number(facts.Ports[1]),
            ["port3"] = Number(facts.Ports[2]),
            ["key"] = facts.Key,
            ["admin_key"] = facts.AdminKey,
            ["model"] = path,
            ["model_id"] = facts.Model.Id,
            ["model_folder"] = cut > 0 ? path[..cut] : path,
            ["model_file"] = path[(cut + 1)..],
            ["model_gguf"] = (ShardName.Parse(NameOf(path)) is { } shard ? shard with { Stem = facts.Model.Id } : null)?.FileName ?? facts.Model.Id + ".gguf",
            ["models"] = facts.Library,
            ["context"] = Number(facts.ContextPerSlot),
            ["context_total"] = Number(facts.ContextPerSlot * facts.Slots),
            ["slots"] = Number(facts.Slots),
            ["threads"] = Number(facts.Threads),
            ["batch"] = Number(facts.Batch ?? 0),
            ["memory_share"] = ((facts.Seating.SharePercent ?? UnplannedShare) / 100m).ToString("0.00", CultureInfo.InvariantCulture),
            ["gpu_layers"] = Number(facts.Seating.GpuLayers ?? (facts.On == Accelerator.None ? 0 : -1)),
            ["kv_gb"] = Number((int)Math.Max(1, (facts.Model.KvBytesPerToken * facts.ContextPerSlot * facts.Slots + Gibibyte - 1) / Gibibyte)),
            ["gpus"] = Number(Math.Max(1, facts.Seating.Devices.Length)),
            ["devices"] = facts.Seating.Numbers,
            ["device_split"] = facts.Seating.Split,
            ["tensor_parallel"] = facts.Seating.Devices.Length > 1 ? "true" : "false",
        };
    }

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
