using System.Collections.Immutable;
using System.Globalization;
using Helix.Core.Configuration;
using Helix.Core.Sandbox;
using Helix.Processes;
using Helix.Storage;

namespace Helix.Sandbox;

/// <summary>What of this machine every sandbox is made from.</summary>
/// <param name="Helix">Path of the helix binary.</param>
internal sealed record SandboxMachine(HelixHome Home, string Helix)
{
    /// <summary>Names further folders that every engine may read, with colons between: for what helix cannot know of.</summary>
    private const string ReadsVariable = "HELIX_SANDBOX_READS";

    private static readonly ImmutableArray<string> s_places = ["/usr/bin", "/usr/local/bin", "/bin", "/usr/sbin", "/run/current-system/sw/bin"];
    private static readonly ImmutableArray<string> s_root = ["/bin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store", "/sbin"];

    private readonly Lazy<ImmutableArray<RootFolder>> _root = new(() => [.. s_root.Where(Directory.Exists).Select(path => new RootFolder(path, new DirectoryInfo(path).LinkTarget))]);
    private readonly Lazy<ImmutableHashSet<int>> _users = new(Users);
    private readonly string _key = Key(Home.Root);

    /// <summary>Before the names of all control groups of this home.</summary>
    public string GroupPrefix => $"helix-{_key}-";

    public SandboxGround Ground(SandboxTier tier, string? tool, SecurityConfig config) =>
        new(tier, tool, Helix, Home.Root, _key, Program(), _root.Value, NativeLibc.UserId() == 0, _users.Value, config);

    public static string? ToolOf(SandboxTier tier) => tier switch
    {
        SandboxTier.Bubblewrap => Find("bwrap"),
        SandboxTier.Unshare => Find("unshare"),
        SandboxTier.Seatbelt => Find("sandbox-exec"),
        _ => null,
    };

    private static string? Find(string program) => s_places.Select(place => Path.Combine(place, program)).FirstOrDefault(File.Exists);

    /// <summary>helix's own files, and the runtime of one that is not compiled to native code.</summary>
    private ImmutableArray<string> Program() =>
    [
        Path.GetDirectoryName(Helix)!,
        .. Environment.GetEnvironmentVariable("DOTNET_ROOT") is { Length: > 0 } runtime ? [runtime] : Array.Empty<string>(),
        .. (Environment.GetEnvironmentVariable(ReadsVariable) ?? "").Split(':').Where(path => path.StartsWith('/')),
    ];

    private static ImmutableHashSet<int> Users()
    {
        const string file = "/etc/passwd";
        return File.Exists(file) ? [.. File.ReadLines(file).Select(line => line.Split(':')).Where(fields => fields.Length > 2).Select(fields => int.TryParse(fields[2], NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : -1)] : [];
    }

    private static string Key(string text)
    {
        var hash = 2166136261u;
        foreach (var letter in text) hash = (hash ^ letter) * 16777619;
        return hash.ToString("x8", CultureInfo.InvariantCulture);
    }
}
