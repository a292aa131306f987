using System.Collections.Immutable;
using System.Text;
using Helix.Configuration;
using Helix.Core.Configuration;
using Helix.Core.History;
using Helix.Core.Security;
using Helix.Install;
using Helix.Storage;

namespace Helix.Security;

/// <summary>
/// The list of known vulnerabilities: the one that is built into helix, or a newer one that was fetched, whose signature is checked whenever it is read.
/// </summary>
/// <param name="fetch">Brings an address to a file; null for no network.</param>
internal sealed class AdvisoryShelf(HelixHome home, Downloads? fetch, Func<SecurityConfig> config)
{
    private const string Resource = "security/advisories.yaml";
    private const int Most = 1 << 20;

    private static readonly Lazy<AdvisoryList> s_own = new(Own);

    private string Kept => Path.Combine(home.State, "advisories.yaml");

    /// <summary>The list to go by, and what is wrong with the one that was fetched; null for nothing.</summary>
    public (AdvisoryList List, SecurityFinding? Wrong) Current()
    {
        if (Bytes(Kept) is not { } file) return (s_own.Value, null);
        var (list, why) = Read(file);
        if (list is null) return (s_own.Value, Refused(Kept, why!));
        return (list.Number > s_own.Value.Number ? list : s_own.Value, null);
    }

    /// <summary>Fetches a newer list where an address is configured; without a network what there is holds.</summary>
    /// <returns>What came of it in words, and a list that was refused; both null where nothing was to be done.</returns>
    public async Task<(string? Words, SecurityFinding? Refused)> RefreshAsync(CancellationToken cancellationToken)
    {
        if (fetch is null || config().Advisories is not { } address) return (null, null);
        var arrived = Path.Combine(home.Downloads, "advisories", "advisories.yaml");
        Directory.CreateDirectory(Path.GetDirectoryName(arrived)!);
        File.Delete(arrived);
        if (await fetch.FetchAsync(new DownloadRequest(new Uri(address), arrived) { Most = Most }, static _ => { }, cancellationToken) is DownloadResult.Failed failed)
            return failed.Trouble == DownloadTrouble.Offline ? (null, null) : ($"the list of known vulnerabilities could not be fetched: {failed.Reason}; the one of {Current().List.Date:yyyy-MM-dd} holds", null);
        var file = Bytes(arrived) ?? [];
        File.Delete(arrived);
        var (list, why) = Read(file);
        if (list is null) return (null, Refused(address, why!));
        var current = Current().List;
        if (list.Number < current.Number) return (null, Refused(address, $"it is number {list.Number} of {list.Date:yyyy-MM-dd}, older than the one that is used, number {current.Number} of {current.Date:yyyy-MM-dd}"));
        if (list.Number == current.Number) return (null, null);
        Directory.CreateDirectory(home.State);
        await File.WriteAllBytesAsync(Kept + ".new", file, cancellationToken);
        File.Move(Kept + ".new", Kept, overwrite: true);
        return ($"a newer list of known vulnerabilities came: number {list.Number} of {list.Date:yyyy-MM-dd}, with {list.Advisories.Length} entries", null);
    }

    private (AdvisoryList? List, string? Why) Read(byte[] file)
    {
        var (key, trouble) = Key();
        if (key is null) return (null, trouble);
        if (AdvisorySeal.Open(file, key) is not { } text) return (null, "it has no signature, or none of the key that is trusted");
        var (list, errors) = Parse(Encoding.UTF8.GetString(text));
        return list is null ? (null, $"it cannot be read: {string.Join("; ", errors)}") : (list, null);
    }

    private (string? Pem, string? Trouble) Key()
    {
        if (config().AdvisoriesKey is not { } path) return (null, "no key is named by which its signature could be checked: helix config set security.advisories_key /path/to/key.pem");
        return Bytes(path) is { } pem ? (Encoding.UTF8.GetString(pem), null) : (null, $"the key {path} cannot be read");
    }

    private static SecurityFinding Refused(string where, string why) => new(
        FindingNames.AdvisoriesRefused, Severity.Error, where, $"the list of known vulnerabilities from {where} was not taken: {why}",
        "whoever can put a false list there could hide what is known", "See who serves that address, and whether security.advisories_key is the key of whoever signs it");

    private static (AdvisoryList? List, ImmutableArray<string> Errors) Parse(string text)
    {
        try
        {
            return AdvisoryList.Parse(YamlDocument.Of(text).Values);
        }
        catch (YamlRefusedException refused)
        {
            return (null, [refused.Error.ToString()]);
        }
    }

    private static AdvisoryList Own()
    {
        var (list, errors) = Parse(Text(Resource));
        return list ?? throw new InvalidOperationException($"{Resource}: {string.Join("; ", errors)}");
    }

    private static string Text(string name)
    {
        using var reader = new StreamReader(typeof(AdvisoryShelf).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"{name} is not in this build"));
        return reader.ReadToEnd();
    }

    private static byte[]? Bytes(string path)
    {
        try
        {
            return new FileInfo(path) is { Exists: true, Length: <= Most } ? File.ReadAllBytes(path) : null;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
