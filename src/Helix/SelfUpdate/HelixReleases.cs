using System.Text.Json;
using Helix.Processes;
using Helix.Storage;

namespace Helix.SelfUpdate;

/// <summary>
/// The releases of helix itself on disk: <c>helix/versions/V</c>, each whole and never changed; <c>current</c> and <c>previous</c> lead to one each
/// and are switched by a rename. What is not whole lies in <c>staging</c>, and is swept.
/// </summary>
internal sealed class HelixReleases(HelixHome home)
{
    public const string ProgramName = "helix";

    private const string ReceiptName = "release.json";

    private string Versions => Path.Combine(home.Releases, "versions");

    private string Staging => Path.Combine(home.Releases, "staging");

    private string CurrentLink => Path.Combine(home.Releases, "current");

    private string PreviousLink => Path.Combine(home.Releases, "previous");

    private string MemoryFile => Path.Combine(home.Releases, "updates.json");

    /// <summary>A clone of our own, beside the user's, in which newer versions are built.</summary>
    public string Source => Path.Combine(home.Releases, "source");

    public HelixRelease? Current => Read(Linked(CurrentLink));

    public HelixRelease? Previous => Read(Linked(PreviousLink));

    /// <summary>The release in use, its program, and when it was laid into the home; null for none. Reads as little as that needs: each command asks it.</summary>
    public (string Version, string Program, DateTimeOffset Installed)? InUse
    {
        get
        {
            if (Linked(CurrentLink) is not { } version) return null;
            var (program, receipt) = (Path.Combine(Versions, version, ProgramName), new FileInfo(Path.Combine(Versions, version, ReceiptName)));
            return receipt.Exists && File.Exists(program) ? (version, program, new DateTimeOffset(receipt.LastWriteTimeUtc)) : null;
        }
    }

    /// <summary>The release that a program belongs to; null where it lies elsewhere.</summary>
    /// <remarks>A running program knows its path without links; the home may be named with some.</remarks>
    public string? VersionOf(string program) =>
        Path.GetDirectoryName(program) is { } folder && Directory.Exists(Versions) && (Path.GetDirectoryName(folder) is var above && (above == Versions || above == NativeMounts.RealPath(Versions))) ? Path.GetFileName(folder) : null;

    public HelixRelease? Find(string version) => Read(version);

    /// <summary>An empty folder in which a release is made.</summary>
    public string Begin() => Directory.CreateDirectory(Path.Combine(Staging, Guid.NewGuid().ToString("n"))).FullName;

    /// <summary>Gives what was made its place.</summary>
    /// <param name="staged">Folder of the program; its version is free.</param>
    public HelixRelease Finish(HelixRelease release, string staged)
    {
        using (var file = new FileStream(Path.Combine(staged, ReceiptName), FileMode.Create, FileAccess.Write))
        {
            JsonSerializer.Serialize(file, release, SelfUpdateJson.Default.HelixRelease);
            file.Flush(flushToDisk: true);
        }

        Directory.CreateDirectory(Versions);
        var final = Path.Combine(Versions, release.Version);
        Directory.Move(staged, final);
        return release with { Folder = final };
    }

    /// <summary>One that is here already counts as laid into the home now.</summary>
    public static HelixRelease Renew(HelixRelease release, string? commit)
    {
        var renewed = release with { Commit = commit ?? release.Commit };
        var beside = Path.Combine(release.Folder, ReceiptName + ".new");
        File.WriteAllBytes(beside, JsonSerializer.SerializeToUtf8Bytes(renewed, SelfUpdateJson.Default.HelixRelease));
        File.Move(beside, Path.Combine(release.Folder, ReceiptName), overwrite: true);
        return renewed;
    }

    /// <summary>From now on this release is used; the one before is remembered.</summary>
    public void Use(string version)
    {
        var before = Linked(CurrentLink);
        if (before == version) return;
        if (before is not null) Link(PreviousLink, before);
        Link(CurrentLink, version);
    }

    /// <summary>This release is used no more: the one that was before is, or none.</summary>
    public void Leave(string version)
    {
        if (Linked(CurrentLink) != version) return;
        if (Previous is { } before && before.Version != version) Link(CurrentLink, before.Version);
        else File.Delete(CurrentLink);
        if (LinkTarget(PreviousLink) is not null) File.Delete(PreviousLink);
    }

    /// <summary>Takes away what an end of the daemon left unfinished; nobody makes a release now.</summary>
    public void SweepUnfinished()
    {
        if (Directory.Exists(Staging)) Directory.Delete(Staging, recursive: true);
    }

    /// <summary>Takes away releases that nobody needs: all but the two that the links lead to, and those of which something runs.</summary>
    /// <param name="commands">Programs and arguments of all that runs: see <see cref="ProcessTable.Commands"/>.</param>
    /// <returns>The versions that went.</returns>
    public IReadOnlyList<string> Sweep(IReadOnlyList<string> commands, string own)
    {
        if (!Directory.Exists(Versions)) return [];
        string?[] kept = [Linked(CurrentLink), Linked(PreviousLink), VersionOf(own), Memory.Switch?.Version, VersionOf(Memory.Switch?.Before ?? "")];
        var gone = new List<string>();
        foreach (var folder in Directory.GetDirectories(Versions))
        {
            if (kept.Contains(Path.GetFileName(folder)) || IsNamed(folder) || (NativeMounts.RealPath(folder) is { } real && IsNamed(real))) continue;
            Directory.Delete(folder, recursive: true);
            gone.Add(Path.GetFileName(folder));
        }

        return gone;

        bool IsNamed(string folder) => commands.Any(command => command.Contains(folder + "/", StringComparison.Ordinal));
    }

    public SelfUpdateMemory Memory
    {
        get
        {
            try
            {
                return File.Exists(MemoryFile) ? JsonSerializer.Deserialize(File.ReadAllBytes(MemoryFile), SelfUpdateJson.Default.SelfUpdateMemory) ?? SelfUpdateMemory.Empty : SelfUpdateMemory.Empty;
            }
            catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or JsonException)
            {
                return SelfUpdateMemory.Empty;
            }
        }
    }

    /// <exception cref="IOException">The disk refuses.</exception>
    public void Remember(SelfUpdateMemory memory)
    {
        Directory.CreateDirectory(home.Releases);
        var beside = MemoryFile + ".new";
        using (var file = new FileStream(beside, FileMode.Create, FileAccess.Write))
        {
            JsonSerializer.Serialize(file, memory, SelfUpdateJson.Default.SelfUpdateMemory);
            file.Flush(flushToDisk: true);
        }

        File.Move(beside, MemoryFile, overwrite: true);
    }

    private static string? LinkTarget(string link) => new FileInfo(link).LinkTarget;

    private static string? Linked(string link) => LinkTarget(link) is { } target ? Path.GetFileName(target) : null;

    /// <summary>Relative, so that a home can be moved.</summary>
    private static void Link(string link, string version)
    {
        var beside = link + ".new";
        if (LinkTarget(beside) is not null) File.Delete(beside);
        File.CreateSymbolicLink(beside, Path.Combine("versions", version));
        NativeLibc.Rename(beside, link);
    }

    private HelixRelease? Read(string? version)
    {
        if (version is null) return null;
        try
        {
            var (folder, receipt) = (Path.Combine(Versions, version), Path.Combine(Versions, version, ReceiptName));
            return File.Exists(receipt) && JsonSerializer.Deserialize(File.ReadAllBytes(receipt), SelfUpdateJson.Default.HelixRelease) is { } release ? release with { Folder = folder } : null;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }
}
