using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Helix.Storage;

namespace Helix.Install;

/// <summary>What a provider's downloads had as digests when they were first installed. What comes later under the same name must be the same.</summary>
internal sealed class DigestLedger
{
    private readonly string _path;

    private DigestLedger(string path) => _path = path;

    public static DigestLedger Of(HelixHome home, string provider) => In(Path.Combine(home.Providers, provider));

    /// <param name="folder">The provider's.</param>
    public static DigestLedger In(string folder) => new(Path.Combine(folder, "digests.json"));

    /// <summary>Null where nothing was written down for it.</summary>
    public FetchedDigest? Find(string what, string algorithm) => Read().FirstOrDefault(known => known.What == what && known.Algorithm == algorithm);

    /// <summary>Whom to believe: the manifest and a file of digests say themselves what must be; all others only say what is.</summary>
    /// <returns>What is not as it was, if anything.</returns>
    public InstallOutcome.Failed? Compare(ImmutableArray<FetchedDigest> fetched)
    {
        var known = Known();
        foreach (var digest in fetched)
        {
            if (digest.From > DigestFrom.ChecksumFile && known.TryGetValue((digest.What, digest.Algorithm), out var before) && before.Value != digest.Value)
                return new("checking what was fetched", $"{digest.What} is not what it was: its {digest.Algorithm} is {digest.Value}, and {before.Value} was installed first", $"It was replaced at its source, or somebody on the way changes it. If you trust the new one, delete {_path} and try again.", false);
        }

        return null;
    }

    /// <summary>Writes down what is new; of what proved to be good.</summary>
    public void Record(ImmutableArray<FetchedDigest> fetched)
    {
        if (fetched.IsEmpty) return;
        var known = Known();
        foreach (var digest in fetched) known[(digest.What, digest.Algorithm)] = digest;
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        var beside = _path + ".new";
        File.WriteAllBytes(beside, JsonSerializer.SerializeToUtf8Bytes([.. known.Values.OrderBy(each => each.What, StringComparer.Ordinal)], DigestJson.Default.FetchedDigestArray));
        File.Move(beside, _path, overwrite: true);
    }

    private Dictionary<(string What, string Algorithm), FetchedDigest> Known() => Read().ToDictionary(each => (each.What, each.Algorithm));

    private FetchedDigest[] Read()
    {
        try
        {
            return File.Exists(_path) ? JsonSerializer.Deserialize(File.ReadAllBytes(_path), DigestJson.Default.FetchedDigestArray) ?? [] : [];
        }
        catch (JsonException)
        {
            return []; // half a file of an earlier version: it is written anew
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true, WriteIndented = true)]
[JsonSerializable(typeof(FetchedDigest[]))]
internal sealed partial class DigestJson : JsonSerializerContext;
