using System.Text.Json;
using System.Text.Json.Serialization;
using Helix.Core.Hardware;
using Helix.Storage;

namespace Helix.Variants;

/// <summary>The fetched builds of the engine on disk. One that has its name is whole: it was made beside and renamed.</summary>
internal sealed class VariantStore(HelixHome home)
{
    private const string Unfinished = ".new-";

    public string Root { get; } = Path.Combine(home.Providers, Fleet.Fleet.Builtin, "variants");

    private string Results => Path.Combine(Root, "tested.json");

    public string FolderOf(EngineVariant variant) => Path.Combine(Root, NameOf(variant));

    public bool Has(EngineVariant variant) => Directory.Exists(FolderOf(variant));

    /// <summary>An empty folder in which a build is made.</summary>
    public string Begin(EngineVariant variant)
    {
        var folder = Path.Combine(Root, Unfinished + NameOf(variant));
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        return Directory.CreateDirectory(folder).FullName;
    }

    /// <summary>Gives what was begun its name.</summary>
    public void Finish(EngineVariant variant, string begun)
    {
        Remove(variant);
        Directory.Move(begun, FolderOf(variant));
    }

    public void Remove(EngineVariant variant)
    {
        if (Has(variant)) Directory.Delete(FolderOf(variant), recursive: true);
    }

    /// <summary>Removes what an end of the daemon left unfinished, and builds of other releases.</summary>
    public void Sweep()
    {
        if (!Directory.Exists(Root)) return;
        var kept = Enum.GetValues<EngineVariant>().Select(NameOf).ToHashSet(StringComparer.Ordinal);
        foreach (var folder in Directory.GetDirectories(Root))
            if (!kept.Contains(Path.GetFileName(folder))) Directory.Delete(folder, recursive: true);
    }

    /// <summary>What the last test of a build found with these drivers; null if there was none.</summary>
    /// <param name="drivers">See <see cref="AcceleratorFacts.Drivers"/>.</param>
    public TestRecord? ResultOf(EngineVariant variant, string drivers) =>
        Read().TryGetValue(NameOf(variant), out var record) && record.Drivers == drivers ? record : null;

    public void Remember(EngineVariant variant, TestRecord record)
    {
        var records = Read();
        records[NameOf(variant)] = record;
        Directory.CreateDirectory(Root);
        var beside = Results + ".new";
        File.WriteAllBytes(beside, JsonSerializer.SerializeToUtf8Bytes(records, VariantJson.Default.DictionaryStringTestRecord));
        File.Move(beside, Results, overwrite: true);
    }

    /// <summary>A file that cannot be read is as good as none: everything is tested again.</summary>
    private Dictionary<string, TestRecord> Read()
    {
        try
        {
            return File.Exists(Results) ? JsonSerializer.Deserialize(File.ReadAllBytes(Results), VariantJson.Default.DictionaryStringTestRecord) ?? [] : [];
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or JsonException)
        {
            return [];
        }
    }

    private static string NameOf(EngineVariant variant) => $"{variant.ToString().ToLowerInvariant()}-{EnginePackages.Version}";
}

/// <param name="Words">The devices it found, or why it failed.</param>
internal sealed record TestRecord(string Drivers, bool Passed, string Words);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(Dictionary<string, TestRecord>))]
internal sealed partial class VariantJson : JsonSerializerContext;
